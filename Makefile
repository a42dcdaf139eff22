# `make help` lists the targets. All tools are pinned here and in .ci/tools, and installed below .cache.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:

GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
COMPOSE_GO := github.com/compose-spec/compose-go/v2/cmd@v2.16.2

cache := $(CURDIR)/.cache
golangci-lint := $(cache)/bin/golangci-lint-$(lastword $(subst @, ,$(GOLANGCI_LINT)))
buf := $(cache)/npm/node_modules/.bin/buf
python := $(cache)/python/bin

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: check
check: ## run all that CI runs, in the order of .ci/run
	.ci/run

##### Code

.PHONY: fmt test race mutate model model-long fuzz bench demo generate build
fmt: $(golangci-lint) ## format the Go code
	$(golangci-lint) fmt

test: ## run the hermetic tests
	go test -shuffle=on ./...

race: ## run the hermetic tests with the race detector
	go test -race -shuffle=on ./...

mutate: ## break each rule on purpose, and see a test with its id fail
	go run ./test/mutate

model: ## simulate 20,000 game-hours and compare them with the model
	go test -count=1 -v -run 'Model$$' ./actors/modeltest -model.hours=20000

model-long: ## the same for as many game-hours as you want: make model-long HOURS=1000000
	go test -count=1 -timeout=0 -v -run 'Model$$' ./actors/modeltest -model.hours=$(or $(HOURS),$(error say HOURS=, the game-hours to simulate))

fuzz: ## run each fuzz target 200 times
	.ci/fuzz 200x

bench: ## run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

demo: ## run the demo until interrupted
	go run ./cmd/healthactors demo

generate: $(cache)/npm/installed ## regenerate all generated code
	$(buf) generate

build: ## build a static bin/healthactors
	CGO_ENABLED=0 go build -buildvcs=auto -ldflags '-s -w' -o bin/healthactors ./cmd/healthactors

##### Lint

.PHONY: lint lint-go lint-proto lint-generated lint-asyncapi lint-docker lint-kubernetes lint-shell lint-unit
lint: lint-go lint-proto lint-generated lint-asyncapi lint-docker lint-kubernetes lint-shell lint-unit ## run all linters

lint-go: $(golangci-lint)
	$(golangci-lint) run
	$(golangci-lint) run --build-tags integration
	go mod tidy -diff

# What the newest release wrote must stay readable, and it must read what this commit writes (C6).
lint-proto: $(cache)/npm/installed
	$(buf) lint
	$(buf) format --diff --exit-code
	release=$$(awk '/^[0-9a-f]/ { commit = $$1 } END { print commit }' test/torture/releases); \
	if git cat-file -e "$$release^{commit}" 2>/dev/null; then \
		git archive "$$release" buf.yaml messages | $(buf) breaking --against '-#format=tar'; \
	else \
		echo "NOT CHECKED: this is no clone with its history, which has the release $$release" >&2; \
	fi

lint-generated: generate
	git diff --exit-code -- messages
	test -z "$$(git status --porcelain -- messages)"

lint-asyncapi: $(cache)/npm/installed
	node $(cache)/npm/asyncapi.mjs messages/asyncapi.yaml

lint-docker: $(cache)/python/installed
	$(python)/hadolint Dockerfile
	go run $(COMPOSE_GO) docker-compose.yml >/dev/null
	@help=$$(go run ./cmd/healthactors run --help); \
	for setting in $$(grep -ho 'HEALTHACTORS_[A-Z_]*' Dockerfile docker-compose.yml docs/healthactors.service docs/kubernetes/*.yaml | sort -u); do \
		grep -q "\$$$$setting\b" <<<"$$help" || { echo "$$setting is no setting of healthactors run" >&2; exit 1; }; \
	done

lint-kubernetes: $(cache)/python/installed
	$(python)/kubernetes-validate --strict docs/kubernetes/*.yaml

lint-shell: $(cache)/python/installed
	$(python)/shellcheck --external-sources --source-path=SCRIPTDIR \
		$$(grep --recursive --files-with-matches '^#!/usr/bin/env bash' .ci)

# systemd insists on finding the program, so another one stands in for it.
lint-unit:
	.ci/components/install systemd-analyze
	@mkdir -p $(cache)/unit
	sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' docs/healthactors.service >$(cache)/unit/healthactors.service
	systemd-analyze verify $(cache)/unit/healthactors.service

##### Real components

.PHONY: integration torture torture-long cluster-torture cluster-torture-long components components-up components-down
components: $(cache)/kafka/installed $(cache)/python/installed ## install the real components
	.ci/components/install

integration: components ## test on a real Docker Engine, Kafka and PostgreSQL
	.ci/integration

torture: components ## do harm to a real node for three minutes, and hold what arrives against what happened
	go run ./test/torture fast

torture-long: components ## the same for hours, with a real Kafka
	go run ./test/torture long

cluster-torture: components ## do harm to a cluster of real nodes for two minutes
	go run ./test/torture -jobs 3 cluster-fast

cluster-torture-long: components ## the same for an hour
	go run ./test/torture cluster-long

components-up: components ## start the real components, and print the variables that the tests read
	@mkdir -p /tmp/healthactors && chmod 711 /tmp/healthactors
	@TMPDIR=/tmp/healthactors .ci/components/up /tmp/healthactors

components-down: ## stop them and delete their data
	.ci/components/down /tmp/healthactors
	rm -rf /tmp/healthactors

##### Containers

.PHONY: image compose-up compose-down
image: ## build the container image healthactors
	docker build --tag healthactors .

compose-up: ## start docker-compose.yml: Kafka, Postgres, sample games and the node
	docker compose up --build --detach

compose-down: ## stop it and delete its data
	docker compose down --volumes

##### Tools

.PHONY: clean
clean: ## delete what was built and the tools
	rm -rf bin $(cache)

$(golangci-lint):
	GOBIN=$(@D) go install $(GOLANGCI_LINT)
	mv $(@D)/golangci-lint $@

$(cache)/npm/installed: $(wildcard .ci/tools/*.json .ci/tools/*.mjs)
	mkdir -p $(@D)
	cp $^ $(@D)
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund
	touch $@

$(cache)/python/installed: .ci/tools/requirements.txt
	python3 -m venv --clear $(@D)
	$(python)/pip install --quiet --disable-pip-version-check --only-binary :all: --requirement $<
	touch $@

$(cache)/kafka/installed: .ci/components/kafka-pom.xml
	rm -rf $(@D)
	mvn --quiet --batch-mode --file $< dependency:copy-dependencies -DoutputDirectory=$(@D)
	touch $@
