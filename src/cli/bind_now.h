// How the dynamic linker starts this program.
#pragma once

namespace godwit::cli {

/// Runs this program again, in the same process, with LD_BIND_NOW set, unless it is set. Without it the dynamic linker resolves the calls
/// of libraries that were not linked with `-z now` (libprotobuf, libstdc++) at their first use, and saves the vector registers on the stack
/// while it does: what memcpy had just carried in them, a secret of a request, stays there for as long as the thread lives. Does nothing
/// where the program cannot be found again (no /proc).
void bind_symbols_now(char** argv);

}  // namespace godwit::cli
