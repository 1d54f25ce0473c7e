#include "migration/json_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <vector>

namespace godwit::migration {
namespace {

class Temp {
public:
    explicit Temp(std::string_view text) {
        char name[] = "/tmp/godwit-json-XXXXXX";
        fd_ = ::mkstemp(name);
        ::unlink(name);
        EXPECT_EQ(::write(fd_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    ~Temp() { ::close(fd_); }
    int fd() const { return fd_; }

private:
    int fd_;
};

/// Every value of an object's members as text, nested members by path.
Result<std::vector<std::string>> members(std::string_view text) {
    Temp temp(text);
    JsonFile file(temp.fd());
    std::vector<std::pair<std::string, JsonRange>> found;
    TRY(file.walk([&](JsonFile::Cursor& top) {
        return top.object([&](std::string_view name, JsonFile::Cursor& value) -> Result<void> {
            if (name == "skipped") return {};
            if (name == "list")
                return value.array([&](JsonFile::Cursor& element) -> Result<void> {
                    found.emplace_back("list", TRY(element.skip()));
                    return {};
                });
            found.emplace_back(name, TRY(value.skip()));
            return {};
        });
    }));
    std::vector<std::string> out;
    for (const auto& [name, range] : found) out.push_back(name + "=" + TRY(file.bytes(range, 1 << 20)));
    return out;
}

TEST(JsonFile, FindsMembersAndElements) {
    EXPECT_EQ(*members(R"( {"a" : 1 ,"b":"x\"}]","skipped":[{"deep":[1,2,{"x":"]"}]}],"list":[ {"u":1},"s" , null,[] ],"c\u0064":true} )"),
              (std::vector<std::string>{"a=1", R"(b="x\"}]")", R"(list={"u":1})", R"(list="s")", "list=null", "list=[]", "cd=true"}));
    EXPECT_TRUE(members("{}")->empty());
    EXPECT_TRUE(members(" \n")->empty());
}

TEST(JsonFile, SaysWhereTheStructureIsWrong) {
    for (const char* bad : {"[]", "{", "{\"a\"", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{\"a\":1}x", "{\"a\":[1}}", "{\"a\":\"x}",
                            "{\"a\":1,\"a\":2}", "{a:1}", "{\"list\":[1 2]}", "{\"list\":[1,]}", "{\"a\\q\":1}"}) {
        const auto result = members(bad);
        ASSERT_FALSE(result) << bad;
        EXPECT_EQ(result.error().code, Code::invalid_argument) << bad;
    }
}

TEST(JsonFile, RefusesDeepNesting) {
    EXPECT_TRUE(members("{\"a\":" + std::string(99, '[') + std::string(99, ']') + "}"));
    EXPECT_FALSE(members("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}"));
}

TEST(JsonFile, ReadsValuesLongerThanItsWindow) {
    const std::string big(3 << 20, 'x');
    const auto found = members("{\"a\":1,\"skipped\":\"" + big + "\",\"list\":[\"" + std::string(100, 'y') + "\",2]}");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->size(), 3u);
    EXPECT_EQ(found->back(), "list=2");
}

TEST(JsonFile, BoundsWhatIsReadAtOnce) {
    Temp temp(R"({"a":"0123456789"})");
    JsonFile file(temp.fd());
    EXPECT_EQ(file.bytes({5, 17}, 12).value(), R"("0123456789")");
    EXPECT_EQ(file.bytes({5, 17}, 11).error().code, Code::resource_exhausted);
}

/// The elements of the array that is the whole text.
Result<std::vector<std::string>> elements(std::string_view text) {
    Temp temp(text);
    JsonFile file(temp.fd());
    std::vector<std::string> out;
    std::uint64_t position = 0;
    JsonRange element;
    while (TRY(file.next_element({0, text.size()}, position, element))) out.push_back(TRY(file.bytes(element, 100)));
    return out;
}

TEST(JsonFile, GivesElementsOneAtATime) {
    EXPECT_EQ(*elements(" [ ] "), std::vector<std::string>());
    EXPECT_EQ(*elements(R"([1 , "a]\"," ,{"b":[2,"}"]},[[]] ,null ])"),
              (std::vector<std::string>{"1", R"("a]\",")", R"({"b":[2,"}"]})", "[[]]", "null"}));
    for (const std::string_view bad : {"{}", "[1 2]", "[1,]", "[", "[1", "[\"a]", ""}) EXPECT_FALSE(elements(bad)) << bad;
}

}  // namespace
}  // namespace godwit::migration
