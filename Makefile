# Two commands are enough: `make demo` shows the main job, `make test` runs every test. Both install what they need.

SWIFT ?= swift
SOURCES = Package.swift Sources Plugins Tests
# Test targets that start pcscd.
PCSC_TESTS = VirtualYubiKeyTests PIVKeyStoreTests YubiKeyEndToEndTests

# Where `make install` puts things; DESTDIR is what stands before that while a package is made.
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=
CONFIGURATION ?= release

.PHONY: install install-files demo test test-pcsc fuzz sanitize setup build build-tests bench virtual-yubikey test-hardware format lint clean

demo: build
	@Tests/Demonstration/run

# One test after the other: many of them block on children, tokens and devices, and all at once they would starve the few
# threads of Swift's shared pool. Tests that need pcscd run the built executable in namespaces of their own.
test: build-tests
	@$(SWIFT) test --skip-build --no-parallel $(PCSC_TESTS:%=--skip '^%\.')
	@Tests/VirtualYubiKey/in-namespace Tests/VirtualYubiKey/run-tests $(PCSC_TESTS)
	@FUZZ_SECONDS=20 Tests/Fuzzing/run
	@Tests/Stress/run

# The tests that need pcscd, alone.
test-pcsc: build-tests
	@Tests/VirtualYubiKey/in-namespace Tests/VirtualYubiKey/run-tests $(PCSC_TESTS)

# Looks for input that the readers of references, objects, keys, certificates, identities, controllers' answers and manifests
# cannot take, for FUZZ_SECONDS (300).
fuzz: setup
	@Tests/Fuzzing/run

# Looks for races, leaks and memory errors while 64 tasks and threads sign on one token, STRESS_ROUNDS (20) times each.
sanitize: setup
	@STRESS_ROUNDS=$${STRESS_ROUNDS:-20} Tests/Stress/run

# Installs the system packages, and the OpenZiti C SDK that judges the development controller.
setup:
	@.ci/setup

# Leaves the debug command line and its plugins in .build/debug.
build: setup
	@echo "building (the first time this takes some minutes, most of them for swift-nio and BoringSSL)"
	@$(SWIFT) build

# Installs the command line, its plugins where it looks for them, and the systemd units that renew identities. The Swift
# runtime is that of the toolchain that built them.
install: setup
	@for product in ziti-keystore $$(sed -n 's/.*name: "\(keystore-[a-z0-9]*\)".*/\1/p' Package.swift); do \
		$(SWIFT) build --configuration $(CONFIGURATION) --product $$product || exit 1; \
	done
	@$(MAKE) --no-print-directory install-files

# The same for what is built already, in CONFIGURATION (release).
install-files:
	@install -d -m 0755 '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/lib/ziti-keystore' '$(DESTDIR)$(PREFIX)/lib/systemd/system'
	@install -d -m 0755 '$(DESTDIR)$(SYSCONFDIR)/ziti-keystore'
	@install -d -m 0700 '$(DESTDIR)$(SYSCONFDIR)/ziti-keystore/identities'
	@install -m 0755 '.build/$(CONFIGURATION)/ziti-keystore' '$(DESTDIR)$(PREFIX)/bin/ziti-keystore'
	@install -m 0644 .build/$(CONFIGURATION)/libkeystore-*.so '$(DESTDIR)$(PREFIX)/lib/ziti-keystore/'
	@for unit in Sources/ziti-keystore/Service/*; do \
		target='$(DESTDIR)$(PREFIX)/lib/systemd/system/'$${unit##*/}; \
		sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g' "$$unit" >"$$target" && chmod 0644 "$$target" || exit 1; \
	done

build-tests: setup
	@echo "building with tests (the first time this takes some minutes, most of them for swift-nio and BoringSSL)"
	@$(SWIFT) build --build-tests

# Leaves a developer in a shell with a YubiKey in software: FIRMWARE (5.4.3), SERIAL (112233).
virtual-yubikey: build
	@Tests/VirtualYubiKey/develop

# For a person with a real YubiKey: SERIAL and SLOT, an empty retired slot, say where one key may be made.
test-hardware:
	@Tests/Hardware/run

bench: setup
	@Tests/Benchmarks/run

format:
	@$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

lint:
	@$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

clean:
	@rm -rf .build .build-instrumented
