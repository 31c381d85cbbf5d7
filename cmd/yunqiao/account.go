package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/audit"
	"github.com/yunqiao/yunqiao/internal/bus"
	"github.com/yunqiao/yunqiao/internal/config"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/postgres"
)

// accountCmd works on accounts without a browser, for instance when nobody can
// sign in any more.
type accountCmd struct {
	List   accountListCmd   `cmd:"" help:"List all accounts."`
	Create accountCreateCmd `cmd:"" help:"Make an account and print its one-time link."`
	Link   accountLinkCmd   `cmd:"" help:"Print a new one-time link, to choose a new password."`
}

// withDatabase opens the database for one task.
func withDatabase(cfg *config.Config, do func(ctx context.Context, d *database) error) error {
	if err := cfg.Check(); err != nil {
		return err
	}
	log, err := cfg.Logger()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	d, err := openForTask(ctx, cfg, log)
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, d), d.close())
}

// openForTask opens the database. Where the hub runs, its private Postgres is
// up already and is used as it is; else it is started for the task.
func openForTask(ctx context.Context, cfg *config.Config, log *slog.Logger) (*database, error) {
	if cfg.DatabaseURL != "" {
		return openDatabase(ctx, cfg, log)
	}
	d, err := openOwn(ctx, cfg, log)
	if !errors.Is(err, errFolderInUse) {
		return d, err
	}
	url, runningErr := (&postgres.Private{Dir: postgresDir(cfg), Log: log}).Running()
	if runningErr != nil {
		return nil, errors.Join(err, runningErr)
	}
	shared := *cfg
	shared.DatabaseURL = url
	d, err = openDatabase(ctx, &shared, log)
	if err == nil {
		d.where = "the private Postgres of the hub that runs in " + cfg.DataDir
	}
	return d, err
}

type accountListCmd struct{}

// Run lists the accounts.
func (accountListCmd) Run(cfg *config.Config) error {
	return withDatabase(cfg, func(ctx context.Context, d *database) error {
		all, err := account.NewStore(d.pool).All(ctx)
		if err != nil {
			return err
		}
		for _, a := range all {
			state := ""
			if a.Disabled {
				state = "disabled"
			}
			fmt.Printf("%-24s %-12s %-24s %s %s\n", a.UserName, a.Role, a.Name, a.Email, state)
		}
		return nil
	})
}

// accountsOf are the accounts as the hub has them: what is done here leaves a
// trace, and an account comes into the rooms that follow from what it is. A hub that
// runs finds out by itself.
func accountsOf(d *database) *account.Store {
	store, silent := account.NewStore(d.pool), chat.NewFeed(bus.NewLocal(), slog.New(slog.DiscardHandler))
	store.Audit, store.Told = audit.New(d.pool), tellOfLinks(&notify.Notices{})
	store.Follow = followAccounts(chat.NewStore(d.pool, silent), silent.MembersChanged)
	return store
}

type accountCreateCmd struct {
	UserName string `arg:"" help:"What it signs in with."`
	Name     string `arg:"" help:"What others see."`
	Role     string `help:"admin, staff, station or ambassador." default:"staff" enum:"admin,staff,station,ambassador"`
	Email    string `help:"E-mail address."`
}

// Run makes an account.
func (c accountCreateCmd) Run(cfg *config.Config) error {
	return withDatabase(cfg, func(ctx context.Context, d *database) error {
		store := accountsOf(d)
		a, err := store.Create(ctx, account.New{UserName: c.UserName, Name: c.Name, Role: account.Role(c.Role), Email: c.Email})
		if err != nil {
			return err
		}
		return printLink(ctx, cfg, store, a)
	})
}

type accountLinkCmd struct {
	UserName string `arg:"" help:"Whose password is to be chosen anew."`
}

// Run prints a link.
func (c accountLinkCmd) Run(cfg *config.Config) error {
	return withDatabase(cfg, func(ctx context.Context, d *database) error {
		store := accountsOf(d)
		a, err := store.ByUserName(ctx, c.UserName)
		if err != nil {
			return err
		}
		return printLink(ctx, cfg, store, a)
	})
}

func printLink(ctx context.Context, cfg *config.Config, store *account.Store, a account.Account) error {
	token, err := store.Invite(ctx, a.ID)
	if err != nil {
		return err
	}
	link := (&account.HTTP{BaseURL: cfg.BaseURL()}).WelcomeURL(token)
	fmt.Printf("%s (%s) chooses a password here, within seven days:\n  %s\n", a.Name, a.UserName, link)
	return nil
}
