# The two commands of README, and what developers use every day.
BUILD := build/release
JOBS ?= $(shell nproc)

.PHONY: quickstart test build clean format tidy asan tsan fuzz bench

quickstart: ## set up, build, and run the example experiment on the embedded simulated provider
	@tools/install-dependencies
	@cmake --preset release -DASSAY_TESTS=OFF -DASSAY_BENCH=OFF >/dev/null
	@cmake --build $(BUILD) --target assay -j$(JOBS)
	$(BUILD)/assay run config/examples/quickstart.toml

test: ## set up, build everything, and run all tests
	@tools/install-dependencies --test
	@cmake --preset release -DASSAY_TESTS=ON -DASSAY_BENCH=ON >/dev/null
	@cmake --build $(BUILD) -j$(JOBS)
	@tools/run-tests $(BUILD)

build:
	@cmake --preset release >/dev/null && cmake --build $(BUILD) -j$(JOBS)

asan tsan:
	@cmake --preset $@ >/dev/null && cmake --build build/$@ -j$(JOBS)
	@tools/run-tests build/$@

fuzz: ## every fuzz target for FUZZ_SECONDS (default 60)
	@cmake --preset fuzz >/dev/null && cmake --build build/fuzz --target fuzz -j$(JOBS)
	@tools/run-fuzz build/fuzz

format:
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

tidy:
	@tools/run-tidy $(BUILD)

clean:
	rm -rf build
