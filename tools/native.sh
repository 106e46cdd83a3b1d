# Sourced by tools/forge, tools/anvil and tools/cast: finds the binary inside npm's package for this platform.
# npm's own launcher is a Node parent that a SIGKILL ends without its child; these scripts become the tool instead.
exec_native() {
    tool=$1
    shift
    case "$(uname -s)" in
        Linux) os=linux ;;
        Darwin) os=darwin ;;
        *) os=$(uname -s) ;;
    esac
    case "$(uname -m)" in
        x86_64 | amd64) cpu=amd64 ;;
        aarch64 | arm64) cpu=arm64 ;;
        *) cpu=$(uname -m) ;;
    esac
    root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
    # forge looks for `solc = "tools/solc"` below the current directory; this names it for every directory.
    export FOUNDRY_SOLC="${FOUNDRY_SOLC:-$root/tools/solc}"
    binary=$root/node_modules/@foundry-rs/$tool-$os-$cpu/bin/$tool
    if [ ! -x "$binary" ]; then
        echo "tools/$tool: $binary is missing; run \`make setup\` first" >&2
        exit 127
    fi
    exec "$binary" "$@"
}
