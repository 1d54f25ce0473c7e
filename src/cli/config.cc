#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/config/document.h"
#include "cli/configuration.h"
#include "cli/verbs.h"

namespace godwit::cli {
namespace {

int show(const ConfigurationOptions& options) {
    const auto loaded = options.load();
    if (!loaded) return complain(loaded.error().message);
    for (const config::Notice& notice : loaded->notices) std::fprintf(stderr, "%s: %s\n", notice.where.c_str(), notice.message.c_str());
    std::printf("%s", config::effective_yaml(loaded->config).c_str());
    return 0;
}

}  // namespace

void add_config(CLI::App& program, Run& run) {
    CLI::App* verb = program.add_subcommand("config", "print the effective configuration, secrets masked");
    auto options = std::make_shared<ConfigurationOptions>();
    options->add_to(*verb);
    auto document = std::make_shared<bool>(false);
    verb->add_flag("--document", *document, "print docs/configuration.md instead: every key with its meaning and default");
    verb->callback([&run, options, document] {
        run = [options, document] {
            if (!*document) return show(*options);
            std::printf("%s", config::reference_markdown().c_str());
            return 0;
        };
    });
}

}  // namespace godwit::cli
