package main

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/yunqiao/yunqiao/internal/config"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
)

func TestDoctorSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	busy, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	cfg := &config.Config{
		DataDir: t.TempDir(), DatabaseURL: pgtest.URL(t), LogLevel: "info",
		HTTP:  config.HTTP{Addr: busy.Addr().String(), AdminAddr: "127.0.0.1:0", PublicURL: "https://hub.example.org"},
		Media: config.Media{UDPAddr: "127.0.0.1:0"}, Mail: config.Mail{Port: 25},
		TLS:   config.TLS{SelfSigned: true},
		House: config.House{TimeZone: "Asia/Shanghai"},
	}
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := examine(t.Context(), cfg, &b); !errors.Is(err, errUnwell) {
		t.Errorf("error %v, want %v", err, errUnwell)
	}
	for _, words := range []string{
		"set --http-addr", "fsync=off", "not for hub.example.org", "shut out", "GB free", "127.0.0.1:0/udp is free", "agree on the time",
	} {
		if !strings.Contains(b.String(), words) {
			t.Errorf("nothing about %q in\n%s", words, b.String())
		}
	}
}
