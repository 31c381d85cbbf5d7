package main

import (
	"encoding/json"
	"log/slog"
	"os"

	"github.com/go-chi/chi/v5"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/chat/transcript"
	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/audit"
	"github.com/yunqiao/yunqiao/internal/contacts"
	"github.com/yunqiao/yunqiao/internal/erasure"
	"github.com/yunqiao/yunqiao/internal/files"
	"github.com/yunqiao/yunqiao/internal/httpd"
	"github.com/yunqiao/yunqiao/internal/minutes"
	"github.com/yunqiao/yunqiao/internal/notify"
	"github.com/yunqiao/yunqiao/internal/recording"
	"github.com/yunqiao/yunqiao/internal/schedule"
)

type openAPICmd struct{}

// Run prints the OpenAPI document. Nothing is served, so the features need
// nothing behind them.
func (openAPICmd) Run() error {
	httpd.Prepare(slog.Default())
	api := httpd.NewAPI(chi.NewRouter(), "1")
	accounts := &account.HTTP{}
	for _, f := range []httpd.Feature{
		&httpd.Server{}, accounts, &account.GuestHTTP{HTTP: accounts}, &chat.HTTP{}, contacts.NewHTTP(nil),
		schedule.NewHTTP(nil), minutes.NewHTTP(nil), recording.NewHTTP(nil, nil, nil, nil), audit.NewHTTP(nil), files.NewHTTP(nil),
		notify.NewHTTP(nil), &transcript.HTTP{}, erasure.NewHTTP(nil),
	} {
		f.Register(api)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(api.OpenAPI())
}
