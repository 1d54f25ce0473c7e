// Mapping files: YAML, checked against the record's declaration.
#include <google/protobuf/descriptor.h>
#include <yaml-cpp/yaml.h>

#include <utility>

#include "base/text.h"
#include "migration/sources/table/mapping.h"
#include "transport/rpc/message_plan.h"

namespace godwit::migration {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr int kMaxDepth = 20;

/// Thrown within this file alone; parse() makes an Error of it.
struct Mistake {
    YAML::Mark mark;
    std::string what;
};

}  // namespace

class MappingParser {
public:
    Mapping out;

    void document(const YAML::Node& root) {
        if (!root.IsMap()) throw Mistake{root.Mark(), "a map with `record` is due"};
        for (const auto& entry : root) {
            const auto key = entry.first.as<std::string>();
            const YAML::Node& value = entry.second;
            if (key == "version") {
                if (value.as<std::string>() != "1") throw Mistake{value.Mark(), "version 1 is due"};
            } else if (key == "delimiter") {
                const auto text = value.as<std::string>();
                if (text.size() != 1 && text != "\\t") throw Mistake{value.Mark(), "the delimiter is one character"};
                out.delimiter_ = text.size() == 1 ? text[0] : '\t';
            } else if (key == "skip") {
                out.skip_ = condition(value, 0);
            } else if (key == "rest") {
                const auto text = value.as<std::string>();
                if (text != "report" && text != "metadata" && text != "ignore")
                    throw Mistake{value.Mark(), "rest is report, metadata or ignore"};
                out.rest_ = text == "metadata" ? Mapping::Rest::metadata : text == "ignore" ? Mapping::Rest::ignore : Mapping::Rest::report;
            } else if (key == "record") {
                out.record_.kind = Assignment::Kind::object;
                members(value, *v1::UserRecord::descriptor(), out.record_, 0);
            } else {
                throw Mistake{entry.first.Mark(), "\"" + key + "\" is not known; there are version, delimiter, skip, rest, record"};
            }
        }
        if (out.record_.members.empty()) throw Mistake{root.Mark(), "`record` says nothing"};
    }

private:
    void members(const YAML::Node& node, const google::protobuf::Descriptor& type, Assignment& into, int depth) {
        if (!node.IsMap()) throw Mistake{node.Mark(), into.path + ": a map of members is due"};
        for (const auto& entry : node) {
            const auto key = entry.first.as<std::string>();
            if (key == "when") {
                into.when = condition(entry.second, depth);
            } else {
                member(entry.first.Mark(), key, entry.second, rpc::plan_of(type), into, depth);
            }
        }
    }

    /// `key` may be a path: "email.address".
    void member(const YAML::Mark& mark, std::string_view key, const YAML::Node& value, const rpc::MessagePlan& type, Assignment& into,
                int depth) {
        if (depth > kMaxDepth) throw Mistake{mark, "nested too deeply"};
        const auto parts = split_once(key, '.');
        std::string name(parts ? parts->first : key);
        const rpc::FieldPlan* const plan = type.find(name);
        if (!plan || name == "origin")
            throw Mistake{mark, (into.path.empty() ? name : into.path + "." + name) + ": the record has no such member"};
        name = plan->field->json_name();
        Assignment& here = find(into, name, *plan);
        if (plan->map || plan->shape == rpc::Shape::structure)
            return free_members(mark, parts ? parts->second : "", value, here, depth + 1);
        if (!parts) return assign(value, here, depth + 1);
        if (plan->shape != rpc::Shape::message || plan->repeated) throw Mistake{mark, here.path + " has no members"};
        here.kind = Assignment::Kind::object;
        member(mark, parts->second, value, *plan->message, here, depth + 1);
    }

    /// metadata and password.parameters: any names.
    void free_members(const YAML::Mark& mark, std::string_view key, const YAML::Node& value, Assignment& into, int depth) {
        into.kind = Assignment::Kind::object;
        const auto add = [&](const std::string& name, const YAML::Node& node) {
            Assignment leaf;
            leaf.name = name;
            leaf.path = into.path + "." + name;
            leaf.plan = into.plan->map ? &into.plan->message->fields[1] : nullptr;
            fill(node, leaf, depth);
            into.members.push_back(std::move(leaf));
        };
        if (!key.empty()) return add(std::string(key), value);
        if (!value.IsMap()) throw Mistake{mark, into.path + ": a map of names is due"};
        for (const auto& entry : value) add(entry.first.as<std::string>(), entry.second);
    }

    static Assignment& find(Assignment& into, const std::string& name, const rpc::FieldPlan& plan) {
        for (Assignment& known : into.members)
            if (known.name == name) return known;
        Assignment made;
        made.name = name;
        made.path = into.path.empty() ? name : into.path + "." + name;
        made.plan = &plan;
        return into.members.emplace_back(std::move(made));
    }

    void assign(const YAML::Node& value, Assignment& here, int depth) {
        if (here.plan->repeated && value.IsSequence()) {
            here.kind = Assignment::Kind::list;
            for (const YAML::Node& item : value) {
                Assignment element;
                element.path = here.path + "[]";
                element.plan = here.plan;
                element.element = true;
                one(item, element, depth);
                here.elements.push_back(std::move(element));
            }
            return;
        }
        one(value, here, depth);
    }

    void one(const YAML::Node& value, Assignment& here, int depth) {
        if (here.plan->shape != rpc::Shape::message) return fill(value, here, depth);
        if (here.plan->repeated && !here.element) throw Mistake{value.Mark(), here.path + " is a list: put its elements into [ ]"};
        here.kind = Assignment::Kind::object;
        members(value, *here.plan->message->type, here, depth);
    }

    void fill(const YAML::Node& value, Assignment& leaf, int depth) {
        if (value.IsScalar()) return parse_template(value, leaf);
        if (!value.IsMap()) throw Mistake{value.Mark(), leaf.path + ": a template or a map with `from` is due"};
        for (const auto& entry : value) {
            const auto key = entry.first.as<std::string>();
            if (key == "from") {
                leaf.from = entry.second.as<std::string>();
                out.fields_.insert(leaf.from);
            } else if (key == "value") {
                parse_template(entry.second, leaf);
            } else if (key == "map") {
                leaf.mapped = true;
                for (const auto& pair : entry.second)
                    leaf.values[to_ascii_lower(pair.first.as<std::string>())] = pair.second.as<std::string>();
            } else if (key == "default") {
                if (!entry.second.IsNull()) leaf.otherwise = entry.second.as<std::string>();
            } else if (key == "split") {
                const auto text = entry.second.as<std::string>();
                if (text.size() != 1) throw Mistake{entry.second.Mark(), "split is one character"};
                leaf.split = text[0];
            } else if (key == "when") {
                leaf.when = condition(entry.second, depth);
            } else {
                throw Mistake{entry.first.Mark(),
                              leaf.path + ": \"" + key + "\" is not known; there are from, value, map, default, split, when"};
            }
        }
        if (leaf.from.empty() && leaf.parts.empty()) throw Mistake{value.Mark(), leaf.path + ": `from` or `value` is due"};
    }

    void parse_template(const YAML::Node& node, Assignment& leaf) {
        const auto text = node.as<std::string>();
        std::string before;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char c = text[i];
            if ((c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c) {
                before += c;
                ++i;
            } else if (c == '{') {
                const std::size_t end = text.find('}', i);
                if (end == std::string::npos) throw Mistake{node.Mark(), leaf.path + ": a brace is not closed; {{ is a brace itself"};
                std::string field(trim(std::string_view(text).substr(i + 1, end - i - 1)));
                out.fields_.insert(field);
                leaf.parts.emplace_back(std::exchange(before, {}), std::move(field));
                i = end;
            } else {
                before += c;
            }
        }
        // One field alone keeps what it is: a list of roles, a number.
        if (before.empty() && leaf.parts.size() == 1 && leaf.parts[0].first.empty()) {
            leaf.from = leaf.parts[0].second;
            leaf.parts.clear();
            return;
        }
        if (!before.empty() || leaf.parts.empty()) leaf.parts.emplace_back(std::move(before), "");
    }

    Condition condition(const YAML::Node& node, int depth) {
        if (!node.IsMap() || depth > kMaxDepth) throw Mistake{node.Mark(), "a condition is a map: {field: status, is: closed}"};
        Condition made;
        bool tested = false;
        const auto test = [&](Condition::Test kind) {
            if (std::exchange(tested, true)) throw Mistake{node.Mark(), "a condition has one test; use all: [...] for several"};
            made.test = kind;
        };
        for (const auto& entry : node) {
            const auto key = entry.first.as<std::string>();
            const YAML::Node& value = entry.second;
            const auto texts = [&] {
                if (value.IsSequence()) {
                    for (const YAML::Node& each : value) made.values.push_back(each.as<std::string>());
                } else {
                    made.values.push_back(value.as<std::string>());
                }
            };
            if (key == "field") {
                made.field = value.as<std::string>();
                out.fields_.insert(made.field);
            } else if (key == "is" || key == "is_not" || key == "starts_with") {
                test(key == "is" ? Condition::Test::is : key == "is_not" ? Condition::Test::is_not : Condition::Test::starts_with);
                texts();
            } else if (key == "empty") {
                test(Condition::Test::empty);
                made.wanted = value.as<bool>();
            } else if (key == "all" || key == "any" || key == "none") {
                test(key == "all" ? Condition::Test::all : key == "any" ? Condition::Test::any : Condition::Test::none);
                for (const YAML::Node& each : value) made.parts.push_back(condition(each, depth + 1));
            } else {
                throw Mistake{entry.first.Mark(), "\"" + key + "\" is no test; there are is, is_not, starts_with, empty, all, any, none"};
            }
        }
        const bool of_parts = !made.parts.empty();
        if (!tested || of_parts == !made.field.empty())
            throw Mistake{node.Mark(), "a condition needs a field and one test, or all, any or none"};
        return made;
    }
};

Result<Mapping> Mapping::parse(std::string_view yaml, std::string_view name) {
    const auto wrong = [name](const YAML::Mark& mark, const std::string& what) {
        return fail(Code::invalid_argument, "MIGRATE-Map1", std::string(name) + ":" + std::to_string(mark.line + 1) + ": " + what);
    };
    if (yaml.size() > kMaxBytes) return fail(Code::invalid_argument, "MIGRATE-Map2", std::string(name) + " is larger than 1 MiB");
    try {
        MappingParser parser;
        parser.document(YAML::Load(std::string(yaml)));
        return std::move(parser.out);
    } catch (const Mistake& mistake) {
        return wrong(mistake.mark, mistake.what);
    } catch (const YAML::Exception& error) {
        return wrong(error.mark, error.msg);
    }
}

}  // namespace godwit::migration
