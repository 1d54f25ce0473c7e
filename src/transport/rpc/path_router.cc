#include "transport/rpc/path_router.h"

#include <map>
#include <span>

#include "base/text.h"
#include "base/url.h"

namespace godwit::rpc {

Result<PathTemplate> PathTemplate::parse(std::string_view text) {
    const auto bad = [&](std::string_view why) {
        return fail(Code::invalid_argument, "", "path " + std::string(text) + ": " + std::string(why));
    };
    if (!text.starts_with('/')) return bad("must begin with /");
    PathTemplate out;
    for (const auto part : split(text.substr(1), '/')) {
        if (!out.segments.empty() && out.segments.back().kind == Kind::rest) return bad("nothing may follow **");
        if (!part.starts_with('{')) {
            if (part.empty() || part.find_first_of("{}*:") != std::string_view::npos) return bad("unsupported segment");
            out.segments.push_back({Kind::literal, std::string(part)});
            continue;
        }
        if (!part.ends_with('}')) return bad("unsupported variable");
        const auto inside = part.substr(1, part.size() - 2);
        const auto equals = inside.find('=');
        const auto pattern = equals == std::string_view::npos ? "*" : inside.substr(equals + 1);
        if (pattern != "*" && pattern != "**") return bad("unsupported variable");
        out.segments.push_back({pattern == "**" ? Kind::rest : Kind::one, std::string(inside.substr(0, equals))});
    }
    return out;
}

std::vector<std::string> PathTemplate::variables() const {
    std::vector<std::string> names;
    for (const auto& segment : segments) {
        if (segment.kind != Kind::literal) names.push_back(segment.text);
    }
    return names;
}

struct PathRouter::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> one, rest;
    std::map<std::string, std::size_t, std::less<>> targets;  ///< by HTTP method

    /// The step for a segment, made when it is not there.
    Node& child(const PathTemplate::Segment& segment) {
        auto& slot = segment.kind == PathTemplate::Kind::literal ? literals[segment.text]
                     : segment.kind == PathTemplate::Kind::one   ? one
                                                                 : rest;
        if (!slot) slot = std::make_unique<Node>();
        return *slot;
    }
};

PathRouter::PathRouter() : root_(std::make_unique<Node>()) {}
PathRouter::~PathRouter() = default;
PathRouter::PathRouter(PathRouter&&) noexcept = default;

bool PathRouter::add(std::string_view method, const PathTemplate& path, std::size_t target) {
    Node* node = root_.get();
    for (const auto& segment : path.segments) node = &node->child(segment);
    return node->targets.emplace(method, target).second;
}

namespace {

/// Depth-first, literals before variables. A path's depth is bounded by the templates', so is the search.
template <class Node>
struct Search {
    std::string_view method;
    std::span<const std::string> segments;
    PathRouter::Match result;
    std::vector<std::string> values;

    bool at(const Node& node, std::size_t depth) {
        if (depth == segments.size()) return here(node);
        if (const auto literal = node.literals.find(segments[depth]); literal != node.literals.end() && at(*literal->second, depth + 1))
            return true;
        if (node.one) {
            values.push_back(segments[depth]);
            if (at(*node.one, depth + 1)) return true;
            values.pop_back();
        }
        if (node.rest && !segments[depth].empty()) {
            std::vector<std::string> left(segments.begin() + static_cast<std::ptrdiff_t>(depth), segments.end());
            values.push_back(join(left, "/"));
            if (here(*node.rest)) return true;
            values.pop_back();
        }
        return false;
    }

    bool here(const Node& node) {
        const auto found = node.targets.find(method);
        if (found == node.targets.end()) {
            if (!node.targets.empty()) result.kind = PathRouter::Match::Kind::other_method;
            return false;
        }
        result = {PathRouter::Match::Kind::found, found->second, values};
        return true;
    }
};

}  // namespace

PathRouter::Match PathRouter::match(std::string_view method, std::string_view path) const {
    if (!path.starts_with('/')) return {};
    std::vector<std::string> segments;
    for (const auto part : split(path.substr(1), '/')) {
        auto decoded = percent_decode(part);
        if (!decoded) return {Match::Kind::malformed, 0, {}};
        segments.push_back(*std::move(decoded));
    }
    Search<Node> search{method, segments, {}, {}};
    search.at(*root_, 0);
    return std::move(search.result);
}

}  // namespace godwit::rpc
