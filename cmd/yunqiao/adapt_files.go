package main

import (
	"context"
	"path/filepath"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/yunqiao/yunqiao/chat"
	"github.com/yunqiao/yunqiao/internal/config"
	"github.com/yunqiao/yunqiao/internal/files"
)

// makeFiles joins the files with the messages that carry them.
func (n *node) makeFiles() error {
	dir := n.cfg.FilesDir()
	storage, err := openStorage(n.cfg.Files, dir)
	if err != nil {
		return err
	}
	deps := files.Deps{
		Pool: n.pool, Storage: storage, Dir: dir, Messages: carriedFiles{n.chat}, Meetings: n.schedule, Audit: n.audit, Log: n.log,
		Limits: files.Limits{Size: n.cfg.Files.MaxSize << 20, Quota: n.cfg.Files.Quota << 20},
	}
	if n.cfg.Files.Clamd != "" {
		if deps.Scanner, err = files.NewClamd(n.cfg.Files.Clamd); err != nil {
			return err
		}
	}
	if n.files, err = files.New(deps); err != nil {
		return err
	}
	n.chat.Files = postedFiles{n.files}
	return nil
}

func openStorage(c config.Files, dir string) (files.Storage, error) {
	if c.S3.Endpoint == "" {
		return files.NewDisk(filepath.Join(dir, "kept"))
	}
	return files.NewS3(files.S3Config{
		Endpoint: c.S3.Endpoint, Bucket: c.S3.Bucket, Region: c.S3.Region, AccessKey: c.S3.AccessKey, SecretKey: c.S3.SecretKey,
	})
}

// postedFiles gives messages the files they carry.
type postedFiles struct{ files *files.Files }

// Claim implements chat.Files.
func (p postedFiles) Claim(ctx context.Context, tx pgx.Tx, by chat.Caller, ids []uuid.UUID) ([]chat.Attachment, error) {
	person := files.Person{ID: by.ID, Kind: files.PersonKind(by.Kind), Room: by.GuestRoom, Since: by.GuestSince}
	claimed, err := p.files.Claim(ctx, tx, person, ids)
	if err != nil {
		return nil, err
	}
	attachments := make([]chat.Attachment, len(claimed))
	for i, f := range claimed {
		attachments[i] = chat.Attachment{
			ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, Width: f.Width, Height: f.Height,
			DurationMS: f.DurationMS, Voice: f.Voice, Preview: f.Preview,
		}
	}
	return attachments, nil
}

// carriedFiles tells the files what messages know of them.
type carriedFiles struct{ chat *chat.Store }

// MayRead implements files.Messages.
func (c carriedFiles) MayRead(ctx context.Context, by files.Person, file uuid.UUID) error {
	caller := chat.Caller{Person: chat.Person{ID: by.ID, Kind: chat.PersonKind(by.Kind)}, GuestRoom: by.Room, GuestSince: by.Since}
	return c.chat.MayReadFile(ctx, caller, file)
}

// Carried implements files.Messages.
func (c carriedFiles) Carried(ctx context.Context, ids []uuid.UUID) ([]uuid.UUID, error) {
	return c.chat.CarriedFiles(ctx, ids)
}
