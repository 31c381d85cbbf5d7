package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program runs the program itself to its end.
func program(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "YUNQIAO_TEST_RUN_MAIN=1", "DATABASE_URL=", "REDIS_URL=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestOneHubInADataFolder(t *testing.T) {
	t.Parallel()
	open := t.TempDir()
	openPath(t, open)
	dir := filepath.Join(open, "data")
	startProcess(t, dir, "127.0.0.1:0")
	if out, err := program(t, "serve", "--data-dir", dir, "--http-addr", "127.0.0.1:0"); err == nil || !strings.Contains(out, "runs in "+dir+" already") {
		t.Errorf("a second hub in the folder: %v: %s", err, out)
	}
	if out, err := program(t, "account", "create", "linyue", "林悦", "--data-dir", dir); err != nil || !strings.Contains(out, "/welcome#") {
		t.Errorf("an account while the hub runs: %v: %s", err, out)
	}
	if out, err := program(t, "account", "list", "--data-dir", dir); err != nil || !strings.Contains(out, "林悦") {
		t.Errorf("the list while the hub runs: %v: %s", err, out)
	}
}
