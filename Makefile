# `make run` tries the hub out, `make test` sets up and runs every test.
# `make help` lists the rest.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

LINT_VERSION := v2.15.0
LINT := .tools/golangci-lint-$(LINT_VERSION)
NPM := cd web && npm
CLIENT := $(shell find web/src web/public web/scripts -type f 2>/dev/null) $(wildcard web/*.html web/*.json web/*.ts internal/clock/*.txt)
GO := $(shell find cmd chat sfu signaling internal -name '*.go' -o -name '*.sql' 2>/dev/null) go.mod go.sum web/embed.go

.PHONY: help run run-cluster test build gen fmt lint unit web e2e bench fuzz soak clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: .tools/run-packages bin/yunqiao ## set up what is missing and run the hub with invented data
	@exec bin/yunqiao serve --demo $(ARGS)

run-cluster: .tools/cluster-packages bin/yunqiao ## run two nodes behind one address with invented data
	@exec bin/yunqiao cluster $(ARGS)

test: .tools/test-packages lint unit web e2e ## set up and run every check and test

build: bin/yunqiao ## build the one binary with the client inside

bin/yunqiao: $(GO) web/dist/index.html
	CGO_ENABLED=0 go build -trimpath -o $@ ./cmd/yunqiao

web/dist/index.html: web/node_modules/.installed $(CLIENT)
	@$(NPM) run --silent build
	@touch $@

web/node_modules/.installed: web/package.json web/package-lock.json
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

.tools/%-packages: .ci/packages
	@.ci/packages $*
	@mkdir -p .tools && touch $@

gen: web/node_modules/.installed ## derive the wire decoder and all TypeScript types
	go generate ./signaling/wire
	go run ./cmd/yunqiao openapi > web/openapi.json
	@$(NPM) run --silent gen

fmt: $(LINT) web/node_modules/.installed ## format everything
	$(LINT) fmt ./...
	@$(NPM) run --silent fmt

lint: $(LINT) web/node_modules/.installed web/dist/index.html ## check style, arrows and generated files
	$(LINT) run ./...
	@$(MAKE) --no-print-directory gen
	@git diff --exit-code --stat -- signaling/wire web/openapi.json web/src/wire web/src/api || (echo "generated files differ: commit what make gen wrote"; exit 1)
	@$(NPM) run --silent check

$(LINT):
	@echo "Building golangci-lint $(LINT_VERSION) (a few minutes, once)"
	@GOBIN=$(CURDIR)/.tools/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	@mv .tools/bin/golangci-lint $@

unit: web/dist/index.html ## run the Go tests with the race detector
	go test -race -timeout 15m ./...

web: web/node_modules/.installed ## run the client's unit tests and size check
	@$(NPM) run --silent test
	@$(NPM) run --silent build && npm run --silent size

e2e: bin/yunqiao web/node_modules/.installed ## run the browser tests
	@$(NPM) run --silent e2e

bench: ## run the benchmarks
	go test -run '^$$' -bench . -benchmem ./sfu/... ./chat/... ./signaling/... ./internal/contacts/...

FUZZTIME ?= 20s
fuzz: ## run every fuzz test for FUZZTIME (20s)
	@for package in $$(go list ./...); do for name in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
		echo "$$package $$name"; go test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$package; done; done

SOAK ?= 30m
soak: ## break nodes, Redis and Postgres under writers and readers for SOAK (30m)
	YUNQIAO_CHECK_FOR=$(SOAK) go test -run TestHistoryUnderFaults -timeout 0 -v ./cmd/yunqiao

clean: ## remove what was built
	rm -rf bin .tools web/node_modules
	find web/dist -mindepth 1 ! -name placeholder.txt -delete
