package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/yunqiao/yunqiao/cmd/yunqiao/cluster"
	"github.com/yunqiao/yunqiao/internal/config"
	"github.com/yunqiao/yunqiao/internal/demo"
)

// clusterCmd shows several nodes on this machine.
type clusterCmd struct {
	Nodes int `help:"How many nodes." default:"2"`
}

const (
	firstNodePort  = 8181
	firstMediaPort = 7982
	// restartPause is how long a node that has ended stays away.
	restartPause = 2 * time.Second
	stopPatience = 20 * time.Second
)

// Run starts a database, a Redis and nodes, keeps them running, and serves all
// of them at one address until it is interrupted.
func (c clusterCmd) Run(cfg *config.Config) error {
	if c.Nodes < 1 || c.Nodes > 9 {
		return errors.New("--nodes: 1 to 9")
	}
	if err := cfg.Check(); err != nil {
		return err
	}
	log, err := cfg.Logger()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d, err := openOwn(ctx, cfg, log)
	if err != nil {
		return err
	}
	return errors.Join(c.run(ctx, cfg, d, log), d.close())
}

func (c clusterCmd) run(ctx context.Context, cfg *config.Config, d *database, log *slog.Logger) error {
	front, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.HTTP.Addr)
	if err != nil {
		return fmt.Errorf("listen (set another address with --http-addr): %w", err)
	}
	g, ctx := errgroup.WithContext(ctx)
	redis := filepath.Join(cfg.DataDir, "redis.sock")
	g.Go(func() error {
		return keepRunning(ctx, log, "redis", func() *exec.Cmd {
			return exec.CommandContext(ctx, "redis-server", "--port", "0", "--unixsocket", redis, "--save", "", "--loglevel", "warning")
		})
	})
	var addresses []*url.URL
	for i := range c.Nodes {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(firstNodePort+i))
		addresses = append(addresses, &url.URL{Scheme: "http", Host: address})
		g.Go(func() error {
			return keepRunning(ctx, log, fmt.Sprint("node ", i+1), func() *exec.Cmd {
				return nodeCommand(ctx, cfg, i, address, d.url, "unix://"+redis)
			})
		})
		if err := awaitNode(ctx, address); err != nil { // one after the other: the first fills the demonstration
			return errors.Join(err, front.Close(), g.Wait())
		}
	}
	server := &http.Server{Handler: cluster.NewProxy(log, addresses...), ReadHeaderTimeout: 10 * time.Second}
	g.Go(func() error { return ignoreClosed(server.Serve(front)) })
	g.Go(func() error { <-ctx.Done(); return server.Close() })
	fmt.Printf("\n%d nodes run behind %s. Browsers are spread over them; end a node (kill -9 its number above) and watch.\n"+
		"Sign in as %s or %s, password %s (all invented).\n"+
		"A live meeting is at the node where it began, and whoever joins is taken there.\nStop with Ctrl-C.\n",
		c.Nodes, cfg.BaseURL(), demo.Staff, demo.Ambassador, demoPassword)
	return g.Wait()
}

// nodeCommand starts this program as one of the nodes.
func nodeCommand(ctx context.Context, cfg *config.Config, i int, address, database, redis string) *exec.Cmd {
	media := net.JoinHostPort("", strconv.Itoa(firstMediaPort+i))
	cmd := exec.CommandContext(ctx, os.Args[0], "serve", "--demo", "--data-dir", filepath.Join(cfg.DataDir, fmt.Sprint("node", i+1)), //nolint:gosec // ourselves
		"--files-dir", filepath.Join(cfg.DataDir, "files"), // the nodes share it
		"--http-addr", address, "--http-admin-addr", "127.0.0.1:0", "--http-public-url", cfg.BaseURL(), "--http-trusted-proxies", "127.0.0.1/32", "--cluster-addr", "http://"+address,
		"--media-udp-addr", media, "--media-tcp-addr", media, "--media-relay-addr=", "--log-level", "warn")
	cmd.Env = append(os.Environ(), "DATABASE_URL="+database, "REDIS_URL="+redis)
	return cmd
}

// keepRunning starts a program again whenever it ends, until the context ends.
func keepRunning(ctx context.Context, log *slog.Logger, name string, command func() *exec.Cmd) error {
	for ctx.Err() == nil {
		cmd := command()
		cmd.Stderr = os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C reaches us, and we stop it in order
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = stopPatience
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("start %s: %w", name, err)
		}
		fmt.Printf("%s runs as process %d\n", name, cmd.Process.Pid)
		err := cmd.Wait()
		select {
		case <-ctx.Done():
		case <-time.After(restartPause):
			log.WarnContext(ctx, "it ended and is started again", "what", name, "err", err)
		}
	}
	return nil
}

// awaitNode waits until a node is ready.
func awaitNode(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("node at %s does not come up: %w", address, context.Cause(ctx))
		case <-tick.C:
		}
	}
}
