package redistest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/yunqiao/yunqiao/internal/bus"
)

const loopback = "127.0.0.1:"

// TLS runs a server that speaks TLS alone and asks for a client's certificate.
func TLS(tb testing.TB) bus.RedisOptions {
	tb.Helper()
	cert, key := selfSigned(tb)
	port := freePorts(tb, 1)[0]
	s := newServer(tb, "", "--port", "0", "--tls-port", port, "--bind", "127.0.0.1",
		"--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert)
	s.Start()
	return bus.RedisOptions{URL: "rediss://" + loopback + port, CA: cert, Cert: cert, Key: key}
}

// selfSigned makes a certificate that is its own authority.
func selfSigned(tb testing.TB) (cert, key string) {
	tb.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redis"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		tb.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		tb.Fatal(err)
	}
	dir := tb.TempDir()
	return write(tb, dir, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		write(tb, dir, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}

// Cluster runs a cluster of three masters.
func Cluster(tb testing.TB) bus.RedisOptions {
	tb.Helper()
	ports := freePorts(tb, 6)
	args := []string{"--cluster", "create"}
	addrs := make([]string, 0, 3)
	for i := range 3 {
		port := ports[i]
		s := newServer(tb, "redis://"+loopback+port, "--port", port, "--bind", "127.0.0.1",
			"--cluster-enabled", "yes", "--cluster-port", ports[3+i], "--cluster-node-timeout", "2000")
		s.Start()
		addrs = append(addrs, loopback+port)
	}
	args = append(append(args, addrs...), "--cluster-yes")
	if out, err := exec.CommandContext(context.Background(), "redis-cli", args...).CombinedOutput(); err != nil {
		tb.Fatalf("make cluster: %v: %s", err, out)
	}
	client := redis.NewClient(&redis.Options{Addr: addrs[2]})
	defer client.Close() //nolint:errcheck // a test's own
	await(tb, "the cluster is whole", func() bool {
		info, err := client.ClusterInfo(context.Background()).Result()
		return err == nil && strings.Contains(info, "cluster_state:ok")
	})
	return bus.RedisOptions{URL: "redis://" + addrs[0], More: addrs[1:], Cluster: true}
}

// Watched is a master and its replica under one Sentinel.
type Watched struct {
	Options bus.RedisOptions
	// Master is killed to make the replica take over.
	Master *Server
}

// Sentinel runs a master, a replica, and a Sentinel that watches them.
func Sentinel(tb testing.TB) *Watched {
	tb.Helper()
	ports := freePorts(tb, 3)
	master := newServer(tb, "redis://"+loopback+ports[0], "--port", ports[0], "--bind", "127.0.0.1")
	master.Start()
	replica := newServer(tb, "redis://"+loopback+ports[1], "--port", ports[1], "--bind", "127.0.0.1", "--replicaof", "127.0.0.1 "+ports[0])
	replica.Start()
	conf := write(tb, tb.TempDir(), "sentinel.conf", []byte(strings.Join([]string{
		"port " + ports[2], "bind 127.0.0.1", "sentinel monitor house 127.0.0.1 " + ports[0] + " 1",
		"sentinel down-after-milliseconds house 1000", "sentinel failover-timeout house 4000", "",
	}, "\n")))
	sentinel := &Server{tb: tb, args: []string{conf, "--sentinel"}}
	tb.Cleanup(sentinel.Kill)
	sentinel.Start()
	client := redis.NewSentinelClient(&redis.Options{Addr: loopback + ports[2]})
	defer client.Close() //nolint:errcheck // a test's own
	await(tb, "the Sentinel knows the replica", func() bool {
		replicas, err := client.Replicas(context.Background(), "house").Result()
		return err == nil && len(replicas) == 1 && replicas[0]["master-link-status"] == "ok"
	})
	return &Watched{Master: master, Options: bus.RedisOptions{URL: "redis://" + loopback + ports[2], MasterName: "house"}}
}
