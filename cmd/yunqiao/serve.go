package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"github.com/yunqiao/yunqiao/internal/bus"
	"github.com/yunqiao/yunqiao/internal/config"
	"github.com/yunqiao/yunqiao/internal/httpd"
	"github.com/yunqiao/yunqiao/internal/postgres"
)

type serveCmd struct {
	Demo bool `help:"Fill an empty database with an invented organisation."`
	// Unsafe is for tests whose data is worth nothing.
	Unsafe bool `hidden:"" env:"YUNQIAO_UNSAFE_DATABASE"`
}

// Run serves until it is interrupted, and stops what it started.
func (s serveCmd) Run(cfg *config.Config) error {
	if cfg.HTTP.Addr == "" && s.Demo {
		cfg.HTTP.Addr = "127.0.0.1:8080" // everybody knows its passwords
	}
	if err := cfg.Check(); err != nil {
		return err
	}
	log, err := cfg.Logger()
	if err != nil {
		return err
	}
	slog.SetDefault(log)
	limitMemory(log)
	httpd.Prepare(log)
	bus.Prepare(log)
	fmt.Println("Settings:")
	cfg.Print(os.Stdout)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	d, err := openOwn(ctx, cfg, log)
	if err != nil {
		return err
	}
	return errors.Join(s.serve(ctx, cfg, log, d), d.close())
}

// memoryShare is the hub's part of the memory that its control group, or else
// the machine, has: the private Postgres and the drawing of previews need theirs.
const memoryShare = 0.6

// limitMemory makes the collector work harder before that part is used up.
// GOMEMLIMIT, where it is set, says otherwise.
func limitMemory(log *slog.Logger) {
	either := memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)
	limit, err := memlimit.Set(memlimit.WithRatio(memoryShare), memlimit.WithProvider(either))
	if err != nil {
		log.Warn("no limit of memory is known", "err", err)
		return
	}
	log.Info("memory is limited", "bytes", limit)
}

func (s serveCmd) serve(ctx context.Context, cfg *config.Config, log *slog.Logger, d *database) error {
	if !s.Unsafe {
		if err := postgres.Durable(ctx, d.pool); err != nil {
			return err
		}
	}
	if s.Demo {
		nameDemo(cfg)
	}
	n, err := newNode(ctx, cfg, log, d)
	if err != nil {
		return err
	}
	if s.Demo {
		if err := n.fillDemo(ctx); err != nil {
			return err
		}
	}
	tlsConfig, err := httpd.TLSConfig(ctx, cfg.TLS, cfg.DataDir)
	if err != nil {
		return err
	}
	l, err := n.listen(ctx)
	if err != nil {
		return err
	}
	n.share(l, tlsConfig)
	if err := n.goLive(ctx); err != nil {
		return errors.Join(err, l.http.Close(), l.admin.Close())
	}
	if err := n.sayWhere(ctx, d); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if d.private != nil {
		go func() {
			select {
			case <-d.private.Exited():
				cancel(errors.New("the private Postgres has ended; see postgres.log in the data folder"))
			case <-ctx.Done():
			}
		}()
	}
	err = n.run(ctx, l, tlsConfig)
	if cause := context.Cause(ctx); ctx.Err() != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err) // why it stopped comes before what failed then
	}
	return err
}

// sayWhere prints what somebody who has just started the hub needs to know.
func (n *node) sayWhere(ctx context.Context, d *database) error {
	fmt.Printf("\n云侨 Yunqiao is running.\n  Address:  %s\n  Database: %s\n  Files:    %s\n", n.cfg.BaseURL(), d.where, n.cfg.DataDir)
	anybody, err := n.accounts.Any(ctx)
	if err != nil {
		return err
	}
	state, err := n.demoState(ctx)
	if err != nil {
		return err
	}
	switch {
	case state != "":
		accounts, err := n.demoAccounts(ctx)
		if err != nil {
			return err
		}
		fmt.Println("  Sign in (a demonstration, all invented):")
		for _, a := range accounts {
			fmt.Printf("    %-11s %-9s password %s\n", a.Role, a.UserName, a.Password)
		}
	case !anybody:
		token, err := n.accounts.InviteFirst(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("  Nobody can sign in yet. The first administrator begins here, within seven days:\n    %s\n", n.accountHTTP().WelcomeURL(token))
	default:
		fmt.Println("  Sign in with your account there.")
	}
	fmt.Println("  Stop with Ctrl-C.")
	return nil
}
