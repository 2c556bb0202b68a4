package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/sdk/temporal"
)

// What a caller of vnf-migrator needs to know. Everything else is in the JSON Schema:
// `vnf-migrator schema migrate-vnf.input | migrate-vnf.result | migrate-vnf.failure`.
const (
	workflowType = "migrateVnf"
	taskQueue    = "vnf-migration"
)

// Request is what migrateVnf takes; the policy is optional, as is each of its fields.
type Request struct {
	ServiceInstanceUUID string          `json:"serviceInstanceUuid"`
	VnfUUID             string          `json:"vnfUuid"`
	VimUUID             string          `json:"vimUuid"`
	Policy              json.RawMessage `json:"policy,omitempty"`
}

// Result has the outcome `migrated` or `already-there`; a VNF that was migrated has a new id from then on.
type Result struct {
	Outcome    string  `json:"outcome"`
	VnfUUID    string  `json:"vnfUuid"`
	NewVnfUUID *string `json:"newVnfUuid"`
}

// State is the first detail of every failure, and what the query `migrationState` answers.
type State struct {
	Request      *Request `json:"request"`
	MayBeRunning bool     `json:"mayBeRunning"`
}

// Ending is what these examples print.
type Ending struct {
	Outcome      string `json:"outcome,omitempty"`
	VnfUUID      string `json:"vnfUuid,omitempty"`
	Failure      string `json:"failure,omitempty"`
	Message      string `json:"message,omitempty"`
	Next         string `json:"next,omitempty"`
	MayBeRunning bool   `json:"mayBeRunning,omitempty"`
}

// Whoever starts it, one VNF is migrated once at a time: its id makes the workflow's id.
func workflowID(vnfUUID string) string {
	return "vnf-migration/" + strings.ToLower(vnfUUID)
}

func moved(result Result) Ending {
	vnfUUID := result.VnfUUID
	if result.NewVnfUUID != nil {
		vnfUUID = *result.NewVnfUUID
	}
	return Ending{Outcome: result.Outcome, VnfUUID: vnfUUID}
}

// What to do after each type of failure. Another error is given back: it was cancelled, or ended from outside.
func notMoved(err error) (Ending, error) {
	var failure *temporal.ApplicationError
	if !errors.As(err, &failure) {
		return Ending{}, err
	}
	var next string
	switch failure.Type() {
	case "InvalidMigrationRequest":
		next = "mend the request"
	case "MigrationRejected":
		next = "nothing was moved: look at the reason"
	case "MigrationFailed":
		next = "look whether the target has a copy that no service lists"
	case "MigrationOutcomeUnknown":
		next = "look where the VNF is before anything else"
	case "MigrationNotAcknowledged":
		next = "look whether the MANO is there"
	case "ServiceBusy", "BrokerUnavailable":
		next = "start again later"
	default:
		return Ending{}, err
	}
	var state State
	if err := failure.Details(&state); err != nil {
		return Ending{}, fmt.Errorf("the state of the migration: %w", err)
	}
	return Ending{
		Failure:      failure.Type(),
		Message:      failure.Message(),
		Next:         next,
		MayBeRunning: state.MayBeRunning,
	}, nil
}
