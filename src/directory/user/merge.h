// Taking more of a person in: what a record brings for a user who is here already.
#pragma once

#include <string>
#include <vector>

namespace godwit::user {

struct MergeOptions {
    bool profile = false;  ///< names, language, gender, picture, addresses; what a machine is called; state when replacing
    bool secrets = false;  ///< password and factors; keys of a machine
    bool links = false, metadata = false, grants = false;
    /// What the record brings takes the place of what is here; otherwise only what is not here is added.
    bool replace = false;
};

struct Merged {
    bool changed = false;
    std::vector<std::string> lost;  ///< parts that could not be added, by path: a link that somebody else has, a factor beside others
};

}  // namespace godwit::user
