// As whose pages the pages appear: an organization's or the instance's name, words and links.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "login/texts.h"

namespace godwit::login {

struct Services;

struct Appearance {
    std::string brand;
    Language language;
    /// Label and address for the foot of the page: terms, privacy, help, contact (the privacy policy). Only https, http and mailto.
    std::vector<std::pair<std::string, std::string>> links;
};

/// An organization's, or the instance's when the scope names none.
Result<Appearance> find_appearance(const Services& services, const OrgScope& org, const Wishes& wishes);

}  // namespace godwit::login
