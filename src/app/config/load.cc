#include "app/config/load.h"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>

#include "app/config/settings.h"
#include "base/files.h"
#include "base/text.h"

namespace godwit::config {
namespace {

constexpr std::size_t kLongestFile = 1 << 20;
constexpr std::size_t kMostNodes = 100'000;  // aliases make a small file large
constexpr int kDeepest = 32;

class Loader {
public:
    void read(const Source& source) {
        source_ = &source;
        nodes_ = 0;
        try {
            for (const YAML::Node& document : YAML::LoadAll(source.yaml)) {
                if (document.IsNull()) continue;
                if (document.IsMap()) {
                    read_map(document, "", 0);
                } else {
                    mistake(where(document), "", "expected keys with values");
                }
            }
        } catch (const YAML::Exception& error) {
            mistakes_.push_back(source.name + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg);
        }
    }

    void read_environment(std::span<const std::string> environment) {
        std::map<std::string, std::string_view, std::less<>> variables;
        for (const std::string& variable : environment)
            if (const auto parts = split_once(variable, '=')) variables.emplace(parts->first, parts->second);
        for (const Setting& setting : settings()) {
            const auto names = environment_names(setting);
            // The stronger name last.
            for (auto name = names.rbegin(); name != names.rend(); ++name) {
                const auto variable = variables.find(*name);
                if (variable == variables.end()) continue;
                set(setting, *name, read_value(target(setting), variable->second));
                variables.erase(variable);
            }
        }
        for (const auto& [name, value] : variables) note_variable(name);
    }

    Result<Loaded> finish() {
        if (mistakes_.empty()) return std::move(loaded_);
        return fail(Code::invalid_argument, "CONFIG-Lo4ad", join(mistakes_, "\n"));
    }

private:
    Target target(const Setting& setting) { return setting.target(loaded_.config); }

    std::string where(const YAML::Node& node) const { return source_->name + ":" + std::to_string(node.Mark().line + 1); }

    void mistake(const std::string& place, const std::string& path, std::string_view message) {
        mistakes_.push_back(place + ": " + (path.empty() ? "" : path + ": ") + std::string(message));
    }

    void read_map(const YAML::Node& map, const std::string& parent, int depth) {
        if (depth > kDeepest) return mistake(where(map), parent, "nested too deep");
        std::set<std::string> seen;
        for (const auto& entry : map) {
            if (++nodes_ > kMostNodes) {
                if (nodes_ == kMostNodes + 1) mistake(where(map), parent, "too many keys");
                return;
            }
            if (!entry.first.IsScalar()) {
                mistake(where(entry.first), parent, "expected a key");
                continue;
            }
            const std::string path = parent.empty() ? entry.first.Scalar() : parent + "." + entry.first.Scalar();
            if (!seen.insert(to_ascii_lower(path)).second) {
                mistake(where(entry.first), path, "stands here twice");
                continue;
            }
            read_entry(entry.first, entry.second, path, depth);
        }
    }

    void read_entry(const YAML::Node& key, const YAML::Node& value, const std::string& path, int depth) {
        if (const Setting* setting = find_setting(path)) return read_setting(*setting, key, value);
        if (!is_section(path)) {
            loaded_.notices.push_back({where(key), unknown(path)});
        } else if (value.IsMap()) {
            read_map(value, path, depth + 1);
        } else if (!value.IsNull()) {
            mistake(where(value), path, "expected keys below it, not a value");
        }
    }

    void read_setting(const Setting& setting, const YAML::Node& key, const YAML::Node& value) {
        if (source_->steps && !setting.path.starts_with("FirstInstance.")) {
            if (!loaded_.given.contains(setting.path))
                loaded_.notices.push_back({where(key), setting.path + ": only FirstInstance is read from a --steps file"});
            return;
        }
        if (value.IsNull()) return;  // "KeyPath:" keeps what is there
        if (value.IsScalar()) return set(setting, where(value), read_value(target(setting), value.Scalar()));
        if (value.IsMap()) return mistake(where(value), setting.path, "expected a value, not keys");
        std::vector<std::string> elements;
        for (const YAML::Node& element : value) {
            if (!element.IsScalar()) return mistake(where(element), setting.path, "expected a list of texts");
            elements.push_back(element.Scalar());
        }
        set(setting, where(value), read_list(target(setting), std::move(elements)));
    }

    void set(const Setting& setting, const std::string& place, const Result<void>& outcome) {
        if (!outcome) return mistake(place, setting.path, "expected " + outcome.error().message);
        if (!is_a_choice(setting)) {
            std::vector<std::string> choices;
            for (const std::string_view choice : setting.choices) choices.emplace_back(choice.empty() ? "nothing" : choice);
            return mistake(place, setting.path, "expected one of: " + join(choices, ", "));
        }
        loaded_.given.insert(setting.path);
    }

    /// Also writes the choice as the table spells it, so that its readers compare plainly.
    bool is_a_choice(const Setting& setting) {
        const Target member = target(setting);
        auto* const* text = std::get_if<std::string*>(&member);
        if (setting.choices.empty() || !text) return true;
        for (const std::string_view choice : setting.choices) {
            if (!equals_ignoring_case(choice, **text)) continue;
            **text = choice;
            return true;
        }
        return false;
    }

    static std::string unknown(const std::string& path) {
        if (is_unused_section(path)) return path + ": is not used by Godwit";
        const std::string near = nearest_path(path);
        return path + ": is not known" + (near.empty() ? "" : "; did you mean " + near + "?");
    }

    /// A variable with our prefix that no setting has. ZITADEL_MASTERKEY and the like are read by the command line.
    void note_variable(const std::string& name) {
        if (name == "ZITADEL_MASTERKEY" || name == "GODWIT_MASTERKEY") return;
        const std::string_view prefix = name.starts_with("ZITADEL_") ? "ZITADEL_" : "GODWIT_";
        if (!name.starts_with(prefix)) return;
        const std::string path = replace_all(name.substr(prefix.size()), "_", ".");
        loaded_.notices.push_back({name, is_unused_section(path) ? "is not used by Godwit" : "is not known" + like(name)});
    }

    static std::string like(const std::string& name) {
        const std::string near = nearest_path(replace_all(name.substr(name.find('_') + 1), "_", "."));
        return near.empty() ? "" : "; did you mean " + environment_names(*find_setting(near)).back() + "?";
    }

    Loaded loaded_;
    std::vector<std::string> mistakes_;
    const Source* source_ = nullptr;
    std::size_t nodes_ = 0;
};

Result<Source> read_file(const std::string& path, bool steps) {
    // Not within the braces: g++ 12 does not destroy members made before one that returns.
    std::string text = TRY(read_small_file(path));
    return Source{.name = path, .yaml = std::move(text), .steps = steps};
}

}  // namespace

Result<Loaded> load(std::span<const Source> sources, std::span<const std::string> environment) {
    Loader loader;
    for (const Source& source : sources) {
        if (source.yaml.size() > kLongestFile) return fail(Code::invalid_argument, "CONFIG-Fi2bg", source.name + ": is larger than 1 MiB");
        loader.read(source);
    }
    loader.read_environment(environment);
    return loader.finish();
}

Result<Loaded> load_files(std::span<const std::string> config_files, std::span<const std::string> steps_files,
                          std::span<const std::string> environment) {
    std::vector<Source> sources;
    for (const std::string& file : config_files) sources.push_back(TRY(read_file(file, false)));
    for (const std::string& file : steps_files) sources.push_back(TRY(read_file(file, true)));
    return load(sources, environment);
}

std::vector<std::string> process_environment() {
    std::vector<std::string> variables;
    for (char** at = environ; *at; ++at) variables.emplace_back(*at);
    return variables;
}

}  // namespace godwit::config
