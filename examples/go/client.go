package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
)

// runClient starts a migration, or joins the same one where it runs, and waits for its end.
func runClient(ctx context.Context, temporal client.Client, request Request) (Ending, error) {
	run, err := start(ctx, temporal, request)
	if err != nil {
		return Ending{}, err
	}
	var result Result
	if err := run.Get(ctx, &result); err != nil {
		return notMoved(err)
	}
	return moved(result), nil
}

func start(ctx context.Context, temporal client.Client, request Request) (client.WorkflowRun, error) {
	id := workflowID(request.VnfUUID)
	run, err := temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       id,
		TaskQueue:                                migrationsQueue(),
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, workflowType, request)
	var already *serviceerror.WorkflowExecutionAlreadyStarted
	if !errors.As(err, &already) {
		return run, err
	}
	// It runs, or has moved this VNF already: its end is ours if it moves the VNF to where we want it.
	answer, err := temporal.QueryWorkflow(ctx, id, "", "migrationState")
	if err != nil {
		return nil, err
	}
	var state State
	if err := answer.Get(&state); err != nil {
		return nil, err
	}
	known := state.Request
	if known == nil || known.VimUUID != strings.ToLower(request.VimUUID) ||
		known.ServiceInstanceUUID != strings.ToLower(request.ServiceInstanceUUID) {
		return nil, fmt.Errorf("%s runs, or has run, with another request", id)
	}
	return temporal.GetWorkflow(ctx, id, ""), nil
}
