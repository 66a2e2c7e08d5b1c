# The index of habits; `make ci` is what CI runs.
.PHONY: help run watch fmt lint core test golden accuracy bench bench-watch examples fuzz schema screenshots axe page-time ci

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: ## the main job
	cargo run --release -- run scenarios/llm-serving.yaml

watch: ## the same again whenever a file changes, with a live page
	cargo run --release -- watch scenarios/llm-serving.yaml --open

fmt: ## format the code
	cargo fmt --all

lint: ## formatting and lints, warnings denied
	cargo fmt --all --check
	cargo clippy --release --all-targets -- -D warnings

core: ## the library without default features, as other targets build it
	cargo check --release --lib --no-default-features

test: ## every test
	cargo nextest --version >/dev/null 2>&1 || cargo install --locked cargo-nextest
	cargo nextest run --release
	cargo test --release --doc

golden: ## predictions, and their accuracy on shipped measurements, against the accepted ones
	cargo run --release -- golden check scenarios/hello.yaml scenarios/llm-serving.yaml
	cargo run --release -- validate datasets/measurements --golden golden/accuracy.json > /dev/null

accuracy: ## accept the accuracy on shipped measurements
	cargo run --release -- validate datasets/measurements --golden golden/accuracy.json --accept

bench: ## speed, as ratios and rates
	cargo bench

bench-watch: ## from the save of a scenario to the page in a headless Chromium, and what the page keeps (chromium, node)
	cargo build --release
	PHANTOM=$${CARGO_TARGET_DIR:-target}/release/phantom benches/watch.sh
	node benches/watch-page.mjs $${CARGO_TARGET_DIR:-target}/release/phantom

examples: ## make anew what reviewers of reports/examples/ci see
	INSTA_UPDATE=always cargo nextest run --release -E 'test(a_reviewer_sees)'

fuzz: ## mutated scenarios and traces for five minutes; fuzz/README.md for more
	PHANTOM_FUZZ_SECONDS=300 cargo nextest run --release --no-default-features --test it -E 'test(mutated)' --no-capture

schema: ## the JSON Schema that editors read
	cargo run --release -- schema > scenarios/phantom-v1.schema.json

screenshots: ## pictures of the reports of every example that runs, into reports/examples (chromium, node, poppler)
	cargo build --release
	node tests/browser/screenshots.mjs $${CARGO_TARGET_DIR:-target}/release/phantom reports/examples scenarios/*.yaml

axe: ## reports of examples by axe-core and their script by its deeds (chromium, node, npm)
	cargo build --release
	tests/reports.sh $${CARGO_TARGET_DIR:-target}/release/phantom

page-time: ## how long a page of 10 000 points takes to open (chromium, node)
	cargo build --release
	tests/page-time.sh $${CARGO_TARGET_DIR:-target}/release/phantom

ci: ## what CI runs
	.ci/run
