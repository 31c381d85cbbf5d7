package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3Config is a bucket of an S3-compatible storage.
type S3Config struct {
	Endpoint             string // https://host or http://host:port
	Bucket, Region       string
	AccessKey, SecretKey string
}

// S3 is a storage in a bucket. minio-go sends no trailing checksums unless told
// to, which the clouds of Aliyun, Tencent and Huawei refuse.
type S3 struct {
	client *minio.Client
	bucket string
}

// NewS3 makes the client of a bucket. Nothing is asked of it yet.
func NewS3(c S3Config) (*S3, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("S3 endpoint %q must look like https://storage.example.org", c.Endpoint)
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""), Secure: u.Scheme == "https", Region: c.Region,
	})
	if err != nil {
		return nil, fmt.Errorf("S3 endpoint %q: %w", c.Endpoint, err)
	}
	return &S3{client, c.Bucket}, nil
}

// Put implements Storage.
func (s *S3) Put(ctx context.Context, name string, content io.Reader, size int64) error {
	options := minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: size < 64<<20, PartSize: 16 << 20}
	if _, err := s.client.PutObject(ctx, s.bucket, name, content, size, options); err != nil {
		return fmt.Errorf("store %s: %w", name, err)
	}
	return nil
}

// Open implements Storage.
func (s *S3) Open(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	object, err := s.client.GetObject(ctx, s.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	if _, err := object.Stat(); err != nil {
		err = errors.Join(err, object.Close())
		if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
			err = fs.ErrNotExist
		}
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return object, nil
}

// Delete implements Storage.
func (s *S3) Delete(ctx context.Context, name string) error {
	if err := s.client.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("delete %s: %w", name, err)
	}
	return nil
}
