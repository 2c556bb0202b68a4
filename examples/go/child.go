package main

import (
	"context"

	"github.com/google/uuid"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// MoveVnf is a workflow of yours that migrates a VNF as one step of its own.
func MoveVnf(ctx workflow.Context, request Request, taskQueue string) (Ending, error) {
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: workflowID(request.VnfUUID),
		TaskQueue:  taskQueue,
		// A VNF that was migrated has a new id: the old one must not be sent again.
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		// The MANO cannot be stopped: the default would leave a running move unwatched.
		ParentClosePolicy:   enums.PARENT_CLOSE_POLICY_ABANDON,
		WaitForCancellation: true,
		// No execution timeout: it would end the migration without a true answer. `policy.deadline` does not.
	})
	var result Result
	if err := workflow.ExecuteChildWorkflow(ctx, workflowType, request).Get(ctx, &result); err != nil {
		return notMoved(err)
	}
	return moved(result), nil
}

// runChild runs a worker for MoveVnf, starts it, and waits for its end.
func runChild(ctx context.Context, temporal client.Client, request Request) (Ending, error) {
	myQueue := "my-orchestrator-" + uuid.NewString()
	mine := worker.New(temporal, myQueue, worker.Options{})
	mine.RegisterWorkflow(MoveVnf)
	if err := mine.Start(); err != nil {
		return Ending{}, err
	}
	defer mine.Stop()
	options := client.StartWorkflowOptions{ID: "move-" + uuid.NewString(), TaskQueue: myQueue}
	run, err := temporal.ExecuteWorkflow(ctx, options, MoveVnf, request, migrationsQueue())
	if err != nil {
		return Ending{}, err
	}
	var ending Ending
	err = run.Get(ctx, &ending)
	return ending, err
}
