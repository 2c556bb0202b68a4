// Two ways to have a VNF migrated from Go: from a workflow of yours, and from a plain client.
//
//	go run . child '{"serviceInstanceUuid": "…", "vnfUuid": "…", "vimUuid": "…"}'
//	go run . client '{"serviceInstanceUuid": "…", "vnfUuid": "…", "vimUuid": "…"}'
//
// Each prints how it ended. `vnf-migrator worker` must run somewhere.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
)

func main() {
	ending, err := run(context.Background(), os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(ending)
}

func run(ctx context.Context, args []string) (string, error) {
	if len(args) != 2 {
		return "", fmt.Errorf("expected child or client, and a request as JSON")
	}
	var request Request
	if err := json.Unmarshal([]byte(args[1]), &request); err != nil {
		return "", fmt.Errorf("the request: %w", err)
	}
	temporal, err := client.Dial(client.Options{
		HostPort:  cmp.Or(os.Getenv("TEMPORAL_ADDRESS"), client.DefaultHostPort),
		Namespace: cmp.Or(os.Getenv("TEMPORAL_NAMESPACE"), client.DefaultNamespace),
		Logger:    sdklog.NewStructuredLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))),
	})
	if err != nil {
		return "", err
	}
	defer temporal.Close()
	way := map[string]func(context.Context, client.Client, Request) (Ending, error){"child": runChild, "client": runClient}[args[0]]
	if way == nil {
		return "", fmt.Errorf("expected child or client, not %q", args[0])
	}
	ending, err := way(ctx, temporal, request)
	if err != nil {
		return "", err
	}
	line, err := json.Marshal(ending)
	return string(line), err
}

// The queue of vnf-migrator's workers.
func migrationsQueue() string {
	return cmp.Or(os.Getenv("TEMPORAL_TASK_QUEUE"), taskQueue)
}
