#include "base/html.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(HtmlEscape, LeavesNothingThatEndsTextOrAttribute) {
    EXPECT_EQ(html_escape(R"(<a href="x" title='y'>&amp; ä</a>)"), "&lt;a href=&#34;x&#34; title=&#39;y&#39;&gt;&amp;amp; ä&lt;/a&gt;");
    EXPECT_EQ(html_escape(""), "");
}

}  // namespace
}  // namespace godwit
