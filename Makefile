# `make help` prints the table below; anything longer than two lines lives in .ci/ or ui/web/package.json.
.PHONY: all run test dev ui golden bench soak release help
.DEFAULT_GOAL := all

BUILD := CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o daymark .
GOLDEN = $(sort $(dir $(shell grep -rl --include=*_test.go --exclude-dir=node_modules '"update", false' .)))

all: ## the UI, where its sources changed, and the binary ./daymark
	@go run ./.ci/ui
	$(BUILD)

run: ## builds with Go alone and starts Daymark on this machine with nothing configured
	$(BUILD)
	@./daymark

test: ## everything that must pass; installs what it needs (npm and Debian packages)
	@go run ./.ci/check

dev: ## server and Vite with hot reload
	$(BUILD) && { [ -d ui/web/node_modules ] || (cd ui/web && npm ci --no-audit --no-fund); }
	@./daymark --storage.path=daymark-data-dev & trap "kill $$!" EXIT; npm --prefix ui/web run dev

ui: ## builds the UI into embed/ui
	@go run ./.ci/ui -force

golden: ## rewrites the golden files in testdata; read the difference like code
	go test $(GOLDEN) -update

bench: ## Daymark beside its peers on the same load; ONLY=live,detection picks sections
	cd bench && go run . $(if $(ONLY),-only $(ONLY)) $(BENCH)

soak: ## the long and timed proofs, about an hour
	go test -race -tags soak -run Soak -timeout 3h -v ./...

release: ## archives for every system into dist/, each binary built twice and compared (half an hour)
	@go run ./.ci/release

help: ## prints this table
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
