# One line a task. `make demo` and `make test` do all set-up themselves.
.PHONY: setup demo test scripts package fmt lint gas snapshots prove analyze coverage fuzz sim bench mutants ci
.DEFAULT_GOAL := test

setup: node_modules/.setup-stamp
demo: setup ; cargo run --locked -p ocr-node --bin ocr -- devnet up --oracles 4 --rounds 10
test: setup ; tools/forge test && cargo test --workspace --locked && cargo test --manifest-path offchain/fuzz/Cargo.toml --target-dir target --locked
scripts: setup ; tools/forge build && test/script/anvil.mjs
package: setup ; test/package.mjs
fmt: setup ; tools/forge fmt && cargo fmt --all && cargo fmt --manifest-path offchain/fuzz/Cargo.toml
lint: setup ; tools/lint
gas: setup ; tools/gas
snapshots: setup ; tools/snapshots.mjs
prove: setup target/venv/.setup-stamp ; tools/prove
analyze: setup target/venv/.setup-stamp ; tools/analyze
coverage: setup ; tools/coverage
sim: ; cargo run --locked -p ocr-sim -- --regressions offchain/sim/regressions.txt
mutants: ; tools/mutants.mjs
bench: ; tools/bench
fuzz: ; tools/fuzz $(or $(SECONDS),60) $(or $(JOBS),1)
ci: ; .ci/run

# The pinned tools, and forge-std where `forge install` would put it. Done again when a pin changes.
node_modules/.setup-stamp: package-lock.json package.json .npmrc
	@tools/check-prerequisites
	npm ci
	rm -rf lib/forge-std
	mkdir -p lib/forge-std
	cp -R node_modules/@layerzerolabs/toolbox-foundry/lib/forge-std lib/forge-std/src
	@touch $@

# slither and halmos. Only `make prove` and `make analyze` need Python.
target/venv/.setup-stamp: tools/requirements.txt
	python3 -m venv target/venv
	target/venv/bin/pip install --quiet --requirement tools/requirements.txt
	@touch $@
