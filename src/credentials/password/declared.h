// Hashes that do not say what they are: the operator declares an algorithm and its parameters, and we store a form of our own or a
// common one that carries everything a verification needs.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "credentials/password/scheme.h"

namespace godwit::password {

/// hashedPassword.algorithm and .parameters of the API, and their counterparts in files and on the command line. Names are compared
/// without case, '-' and '_' ("salt_encoding" is "saltEncoding"). A number or boolean comes as its text.
struct Declaration {
    std::string algorithm;
    std::map<std::string, std::string> parameters;
};

struct DeclaredParameter {
    std::string_view name;
    std::string_view meaning;
};

class Arguments;  // declared.cc

/// One row of the table; also of docs/password-hashes.md.
struct DeclaredAlgorithm {
    std::vector<std::string_view> names;
    std::vector<std::pair<std::string_view, std::string_view>> aliases;  ///< another word, and the name it stands for
    std::string_view meaning;
    std::vector<DeclaredParameter> parameters;
    /// `name` is one of `names`.
    Result<std::string> (*encode)(std::string_view value, std::string_view name, Arguments& arguments, const SecretKeeper* secrets);
    /// Whether a bare value has the look of it; only a hint for people.
    bool (*looks_like)(std::string_view value, std::string_view name);
};

std::span<const DeclaredAlgorithm> declared_algorithms();
/// Parameters that go with every algorithm, declared or recognised: pepper, pepperRef, pepperPosition.
std::span<const DeclaredParameter> common_parameters();

/// The encoding to store. Refused: unknown algorithm, missing or unknown parameter, value that does not fit.
Result<std::string> encode_declared(std::string_view value, const Declaration& declaration, const SecretKeeper* secrets);
bool is_declared_algorithm(std::string_view name);
/// Names of the algorithms a bare value could be of.
std::vector<std::string> possible_declarations(std::string_view value);

/// Takes the common parameters out of `declaration`. Empty: no pepper. Else the prefix to put before the encoding is made by
/// encode_peppered(suffix, token, …).
struct PepperChoice {
    bool suffix = true;
    std::string token;
};
Result<PepperChoice> take_pepper(Declaration& declaration, const SecretKeeper* secrets);

}  // namespace godwit::password
