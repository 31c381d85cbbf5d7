package config

import (
	"cmp"
	"net/url"
	"path/filepath"
	"strings"
)

// Files is where what people send with their messages is kept.
type Files struct {
	Dir     string `help:"Folder of files and of unfinished uploads. Several nodes share it, or keep files in a bucket. Default: files in the data folder." type:"path" env:"DIR"`
	MaxSize int64  `help:"Largest file, in MiB." default:"200" env:"MAX_SIZE"`
	Quota   int64  `help:"All files of one person, in MiB." default:"10240" env:"QUOTA"`
	Clamd   string `help:"ClamAV daemon that every file is shown to: unix:///run/clamav/clamd.ctl or tcp://host:3310. Files are refused while it is away. Empty: files are not scanned." env:"CLAMD"`
	S3      S3     `embed:"" prefix:"s3-" envprefix:"S3_"`
}

// S3 is a bucket to keep files in.
type S3 struct {
	Endpoint  string `help:"S3-compatible storage that keeps the files, for instance https://oss-cn-hangzhou.aliyuncs.com. Empty: the folder." env:"ENDPOINT"`
	Bucket    string `help:"Bucket of that storage." env:"BUCKET"`
	Region    string `help:"Region of that storage." env:"REGION"`
	AccessKey string `help:"Access key of that storage." env:"ACCESS_KEY"`
	SecretKey string `help:"Secret key of that storage." env:"SECRET_KEY" secret:"yes"`
}

// The defaults, for configurations that were not read from flags.
const (
	defaultMaxSize = 200
	defaultQuota   = 10240
)

func (f *Files) check(wrong *Problems) {
	f.MaxSize, f.Quota = cmp.Or(f.MaxSize, defaultMaxSize), cmp.Or(f.Quota, max(f.MaxSize, defaultQuota))
	if f.MaxSize < 1 || f.MaxSize > 1<<20 {
		wrong.add("--files-max-size: 1 to %d MiB", 1<<20)
	}
	if f.Quota < f.MaxSize {
		wrong.add("--files-quota: at least --files-max-size")
	}
	if f.Clamd != "" && !strings.HasPrefix(f.Clamd, "unix:///") && !strings.HasPrefix(f.Clamd, "tcp://") {
		wrong.add("--files-clamd: must look like unix:///run/clamav/clamd.ctl or tcp://localhost:3310")
	}
	s := f.S3
	if s.Endpoint == "" {
		if s.Bucket != "" || s.AccessKey != "" || s.SecretKey != "" {
			wrong.add("--files-s3-endpoint: needed when other settings of the bucket are given")
		}
		return
	}
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" {
		wrong.add("--files-s3-endpoint: %q must look like https://storage.example.org", s.Endpoint)
	}
	if s.Bucket == "" || s.AccessKey == "" || s.SecretKey == "" {
		wrong.add("--files-s3-bucket, --files-s3-access-key and --files-s3-secret-key: needed with --files-s3-endpoint")
	}
}

// FilesDir is the folder of files and unfinished uploads.
func (c *Config) FilesDir() string {
	if c.Files.Dir != "" {
		return c.Files.Dir
	}
	return filepath.Join(c.DataDir, "files")
}
