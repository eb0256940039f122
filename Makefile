# `make` lists the targets; `make run` and `make test` are all that a newcomer needs.
SHELL := /bin/bash
SWIFT ?= swift
RELEASE := -c release --static-swift-stdlib
PYTHON ?= python3

.DEFAULT_GOAL := help

help:  ## lists the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

deps:  ## installs the system libraries that are missing (Debian, Ubuntu)
	@Scripts/deps

build: deps  ## builds the program (release)
	@$(SWIFT) build $(RELEASE) --product graft

run: build  ## builds and opens the notebook
	@exec .build/release/graft

test: deps  ## builds and runs all tests
	@$(SWIFT) build --build-tests
	@$(SWIFT) test --skip-build --parallel

lessons: build  ## runs every lesson: checks fail before, pass after the reference answer
	@.build/release/graft check lessons

lint:  ## style of the Swift sources
	@$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks lessons

format:  ## formats the Swift sources in place
	@$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks lessons

bench: deps  ## times training steps, ours and (with PYTHON=… that has torch, transformers, peft) the peers'
	@$(SWIFT) build $(RELEASE) --product Benchmarks
	@$(PYTHON) Benchmarks/peers/compare.py
	@if $(PYTHON) -c 'import trl' 2>/dev/null; then $(PYTHON) Benchmarks/peers/compare_feedback.py; \
	else echo 'alignment is not compared: pip install trl'; fi

golden:  ## writes the golden numbers anew (PYTHON=… with torch, transformers, peft, tokenizers)
	@for script in Scripts/golden_*.py; do echo $$script; $(PYTHON) $$script || exit 1; done

models: deps  ## trains the bundled bases anew
	@$(SWIFT) build $(RELEASE) --product bases
	@.build/release/bases

reference: build  ## writes docs/reference from the cards
	@.build/release/graft reference docs/reference

.PHONY: help deps build run test lessons lint format bench golden models reference
