// Command yunqiao is the hub: one program that serves meetings, messages and
// minutes to browsers.
package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"github.com/yunqiao/yunqiao/internal/config"
	"github.com/yunqiao/yunqiao/internal/files/picture"
)

// cli is the command line.
type cli struct {
	config.Config

	File kong.ConfigFlag `name:"config" help:"File with settings (JSON), read before environment and flags." type:"path"`

	Serve   serveCmd   `cmd:"" help:"Run the hub."`
	Migrate migrateCmd `cmd:"" help:"Bring the database up to date and stop."`
	Account accountCmd `cmd:"" help:"Work on accounts."`
	Doctor  doctorCmd  `cmd:"" help:"Check that this machine can run the hub, in plain words."`
	Cluster clusterCmd `cmd:"" help:"Show several nodes behind one address on this machine, with invented data."`
	Load    loadCmd    `cmd:"" help:"Make a measured load on a test hub, to size a server."`
	Version versionCmd `cmd:"" help:"Print the version."`
	Preview previewCmd `cmd:"" name:"preview" hidden:"" help:"Draw a small picture of the picture on standard input."`
	OpenAPI openAPICmd `cmd:"" name:"openapi" hidden:"" help:"Print the description of the REST interface."`
}

func main() {
	var c cli
	app := kong.Parse(&c, kong.Name("yunqiao"),
		kong.Description("云侨: meetings, messages and minutes for people overseas."),
		kong.Configuration(kong.JSON), kong.UsageOnError())
	if err := app.Run(&c.Config); err != nil {
		fmt.Fprintf(os.Stderr, "yunqiao: %v\n", err)
		os.Exit(1)
	}
}

type previewCmd struct{}

// Run is the process that decodes one picture for the hub.
func (previewCmd) Run() error {
	os.Exit(picture.Main(os.Stdin, os.Stdout))
	return nil
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	_, err := fmt.Println("yunqiao", version())
	return err
}

// version is what the build says of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision := ""
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			revision = " " + s.Value[:12]
		}
	}
	return info.Main.Version + revision
}
