// From method and path to the RPC that serves it: the path templates of google.api.http as a tree.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace godwit::rpc {

/// A template such as "/v2/users/{user_id}" or "/projects/{project_id}/roles/{role_key=**}", taken apart. Not in it: what the
/// contract does not use ("{name=users/*}" with literals inside, ":verb" at the end).
struct PathTemplate {
    enum class Kind { literal, one, rest };  ///< a fixed segment; any one segment; all that is left, one segment or more
    struct Segment {
        Kind kind = Kind::literal;
        std::string text;  ///< the literal, or the path of the field
    };
    std::vector<Segment> segments;

    static Result<PathTemplate> parse(std::string_view text);
    std::vector<std::string> variables() const;
};

class PathRouter {
public:
    /// Which template matched: the number given to add(), and the decoded text of each variable in the template's order.
    struct Match {
        enum class Kind { found, other_method, none, malformed };
        Kind kind = Kind::none;  ///< other_method: the path exists, not with this method; malformed: a broken escape
        std::size_t target = 0;
        std::vector<std::string> values;
    };

    PathRouter();
    ~PathRouter();
    PathRouter(PathRouter&&) noexcept;

    /// False when the same method and shape of path is taken already.
    bool add(std::string_view method, const PathTemplate& path, std::size_t target);
    /// `path` is undecoded. Literals win over variables; a variable matches an empty segment too, as in the reference (the
    /// contract's limits then refuse the empty id).
    Match match(std::string_view method, std::string_view path) const;

private:
    struct Node;
    std::unique_ptr<Node> root_;
};

}  // namespace godwit::rpc
