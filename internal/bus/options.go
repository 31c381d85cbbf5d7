package bus

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/redis/go-redis/v9"
)

// RedisOptions say where Redis is: one server, a set watched by Sentinels, or a
// cluster.
type RedisOptions struct {
	// URL is redis://user:password@host:6379/0, rediss:// for TLS, or
	// unix:///run/redis.sock. With MasterName it is a Sentinel's.
	URL string
	// More are further addresses (host:port) of Sentinels or of the cluster.
	More []string
	// MasterName is the set that the Sentinels watch; "": no Sentinels.
	MasterName string
	// Cluster says that the address is one of a cluster.
	Cluster bool
	// SentinelPassword is asked for by the Sentinels themselves.
	SentinelPassword string
	// CA, Cert and Key are PEM files: whom to trust, and who we are, where rediss://
	// is not to use the system's authorities.
	CA, Cert, Key string
}

func (o RedisOptions) universal() (*redis.UniversalOptions, error) {
	one, err := redis.ParseURL(o.URL)
	if err != nil {
		return nil, fmt.Errorf("read REDIS_URL: %w", err)
	}
	if err := o.secure(one.TLSConfig); err != nil {
		return nil, err
	}
	return &redis.UniversalOptions{
		Addrs: append([]string{one.Addr}, o.More...), MasterName: o.MasterName, IsClusterMode: o.Cluster,
		DB: one.DB, Username: one.Username, Password: one.Password, SentinelPassword: o.SentinelPassword,
		TLSConfig: one.TLSConfig, ClientName: "yunqiao",
		DialTimeout: redisTimeout, DialerRetries: 1, ReadTimeout: redisTimeout, WriteTimeout: redisTimeout,
		ContextTimeoutEnabled: true, MaxRetries: -1, // at most once
	}, nil
}

// secure adds our own authority and certificate.
func (o RedisOptions) secure(c *tls.Config) error {
	if o.CA == "" && o.Cert == "" {
		return nil
	}
	if c == nil {
		return errors.New("redis: files for TLS are given, but REDIS_URL does not begin with rediss://")
	}
	if o.CA != "" {
		pem, err := os.ReadFile(o.CA)
		if err != nil {
			return fmt.Errorf("read authority of Redis: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("read authority of Redis: %s holds no certificate", o.CA)
		}
	}
	if o.Cert != "" {
		pair, err := tls.LoadX509KeyPair(o.Cert, o.Key)
		if err != nil {
			return fmt.Errorf("read certificate for Redis: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return nil
}

// Check says what is wrong with the options, without connecting.
func (o RedisOptions) Check() error {
	if o.URL == "" {
		return nil
	}
	if (o.Cert == "") != (o.Key == "") {
		return errors.New("a certificate for Redis and its key go together")
	}
	if o.MasterName != "" && o.Cluster {
		return errors.New("redis: Sentinels and a cluster exclude each other")
	}
	if strings.HasPrefix(o.URL, "unix://") && (len(o.More) > 0 || o.Cluster || o.MasterName != "") {
		return errors.New("redis: a Unix socket is one server's, not a cluster's nor Sentinels'")
	}
	_, err := o.universal()
	return err
}
