package main

import (
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/pion/turn/v5"

	"github.com/yunqiao/yunqiao/internal/config"
	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
)

func TestRelayOnTheWebPort(t *testing.T) {
	t.Parallel()
	h := startHouse(t, &config.Config{
		DataDir: t.TempDir(), DatabaseURL: pgtest.URL(t), LogLevel: "info",
		HTTP:     config.HTTP{Addr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0"},
		Media:    config.Media{UDPAddr: "127.0.0.1:0", RelayAddr: "127.0.0.1:0"},
		Mail:     config.Mail{Port: 25},
		TLS:      config.TLS{SelfSigned: true},
		House:    config.House{TimeZone: "Asia/Shanghai"},
		PublicIP: []string{"127.0.0.1"},
	})
	lent := h.relays(uuid.New())
	if len(lent) != 1 || len(lent[0].URLs) != 3 {
		t.Fatalf("lent: %+v", lent)
	}
	addr := strings.TrimPrefix(h.url, "https://")
	if want := "turns:" + addr + "?transport=tcp"; lent[0].URLs[2] != want {
		t.Errorf("inside TLS the relay is at %s, want %s", lent[0].URLs[2], want)
	}
	trusting := &tls.Config{InsecureSkipVerify: true}
	conn, err := (&tls.Dialer{Config: trusting}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client, err := turn.NewClient(&turn.ClientConfig{
		TURNServerAddr: addr, Conn: turn.NewSTUNConn(conn), Username: lent[0].Username, Password: lent[0].Credential,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Listen(); err != nil {
		t.Fatal(err)
	}
	relayed, err := client.Allocate()
	if err != nil {
		t.Fatal(err)
	}
	if err := client.CreatePermission(&net.UDPAddr{IP: net.IPv4(169, 254, 169, 254), Port: 80}); err == nil {
		t.Error("the relay leads into the house's own network")
	}
	if err := relayed.Close(); err != nil {
		t.Error(err)
	}
	web := &http.Client{Transport: &http.Transport{TLSClientConfig: trusting, ForceAttemptHTTP2: true, DisableKeepAlives: true}}
	answer, err := web.Get(h.url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	if answer.Body.Close(); answer.StatusCode != http.StatusOK || answer.ProtoMajor != 2 {
		t.Errorf("the web answers %s by %s", answer.Status, answer.Proto)
	}
}
