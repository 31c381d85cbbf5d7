package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/yunqiao/yunqiao/cmd/yunqiao/load"
)

// loadCmd makes a measured load on a hub, for whoever sizes a server.
type loadCmd struct {
	URL          string        `name:"to" help:"Address of the hub under load; a test hub, never one that people use." default:"http://localhost:8080"`
	Admin        string        `help:"Address of its metrics; empty leaves out the server's figures." default:"http://localhost:9464"`
	User         string        `help:"Account that may arrange meetings." required:""`
	Password     string        `help:"Its password." required:"" env:"LOAD_PASSWORD"`
	Participants int           `help:"In one meeting, besides the host (at most 300)." default:"10"`
	Cameras      int           `help:"How many send pictures." default:"10"`
	Microphones  int           `help:"How many send sound." default:"10"`
	Seats        int           `help:"Pictures each receives; the first is large." default:"9"`
	Rate         float64       `help:"Joins per second." default:"5"`
	Duration     time.Duration `help:"How long to measure (at most 10m)." default:"30s"`
}

// Run makes the load and prints the report.
func (c *loadCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return load.Run(ctx, load.Options{
		URL: c.URL, Admin: c.Admin, User: c.User, Password: c.Password,
		Participants: c.Participants, Cameras: min(c.Cameras, c.Participants), Microphones: min(c.Microphones, c.Participants),
		Seats: c.Seats, Rate: c.Rate, Duration: c.Duration,
	}, os.Stdout)
}
