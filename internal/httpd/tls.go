package httpd

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/caddyserver/certmagic"

	"github.com/yunqiao/yunqiao/internal/config"
)

// TLSConfig makes the TLS settings that the configuration asks for; nil for
// plain HTTP.
func TLSConfig(ctx context.Context, c config.TLS, dataDir string) (*tls.Config, error) {
	switch {
	case c.Cert != "":
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			return nil, fmt.Errorf("read TLS certificate: %w", err)
		}
		return serverConfig(pair), nil
	case c.ACMEDomain != "":
		return acme(ctx, c, dataDir)
	case c.SelfSigned:
		pair, err := selfSigned(filepath.Join(dataDir, "tls"))
		if err != nil {
			return nil, err
		}
		return serverConfig(pair), nil
	}
	return nil, nil //nolint:nilnil // no TLS was asked for
}

func serverConfig(pair tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
}

// acme gets a certificate and keeps it renewed.
func acme(ctx context.Context, c config.TLS, dataDir string) (*tls.Config, error) {
	certmagic.DefaultACME.Agreed, certmagic.DefaultACME.Email = true, c.ACMEEmail
	certmagic.Default.Storage = &certmagic.FileStorage{Path: filepath.Join(dataDir, "acme")}
	magic := certmagic.NewDefault()
	if err := magic.ManageSync(ctx, []string{c.ACMEDomain}); err != nil {
		return nil, fmt.Errorf("get a certificate for %s: %w", c.ACMEDomain, err)
	}
	cfg := magic.TLSConfig()
	cfg.NextProtos = append([]string{"h2", "http/1.1"}, cfg.NextProtos...)
	return cfg, nil
}

// selfSigned returns the certificate kept in a folder, making a new one when
// it is missing, about to expire, or this machine has another address now.
func selfSigned(dir string) (tls.Certificate, error) {
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	ips := ownAddresses()
	if pair, err := tls.LoadX509KeyPair(certFile, keyFile); err == nil && stillFits(pair, ips) {
		return pair, nil
	}
	cert, key, err := makeCertificate(ips)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make self-signed certificate: %w", err)
	}
	err = errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(certFile, cert, 0o600), os.WriteFile(keyFile, key, 0o600))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("keep self-signed certificate: %w", err)
	}
	return tls.X509KeyPair(cert, key)
}

func stillFits(pair tls.Certificate, ips []net.IP) bool {
	if pair.Leaf == nil || time.Until(pair.Leaf.NotAfter) < 30*24*time.Hour {
		return false
	}
	for _, ip := range ips {
		if pair.Leaf.VerifyHostname(ip.String()) != nil {
			return false
		}
	}
	return true
}

func ownAddresses() []net.IP {
	ips := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return ips
	}
	for _, a := range addrs {
		if ipNet, ok := a.(*net.IPNet); ok && !ipNet.IP.IsLoopback() && !ipNet.IP.IsLinkLocalUnicast() {
			ips = append(ips, ipNet.IP)
		}
	}
	return ips
}

func makeCertificate(ips []net.IP) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	hostname, err := os.Hostname()
	if err != nil {
		hostname = "localhost"
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Yunqiao on " + hostname},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost", hostname}, IPAddresses: ips,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), nil
}
