// The verbs of the program, one file each. A verb adds its options to the command line and, when it was called, runs and answers
// the exit status: 0 done, 1 failed, 2 usage, 3 (doctor) problems found.
#pragma once

#include <functional>
#include <string_view>

namespace CLI {
class App;
}

namespace godwit::cli {

/// What is to be run once the command line has been understood.
using Run = std::function<int()>;

void add_serve(CLI::App& program, Run& run);
void add_config(CLI::App& program, Run& run);
void add_explain(CLI::App& program, Run& run);
void add_migrate(CLI::App& program, Run& run);
void add_password(CLI::App& program, Run& run);
void add_doctor(CLI::App& program, Run& run);
void add_backup(CLI::App& program, Run& run);
void add_restore(CLI::App& program, Run& run);
void add_raise_token_epoch(CLI::App& program, Run& run);

/// "godwit: …" on standard error, and exit status 1.
int complain(std::string_view message);

}  // namespace godwit::cli
