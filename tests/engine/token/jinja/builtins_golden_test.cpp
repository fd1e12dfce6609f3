// Every filter, test, method and operator over many kinds of values, against Python's jinja2:
// tests/golden/jinja/make_builtins.py wrote what it makes of them.
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/api/chat_template.h"

using Json = nlohmann::ordered_json;

namespace {

constexpr std::int64_t kNow = 1752148800;  // 2025-07-10 12:00:00 UTC

}  // namespace

class BuiltinsGoldenTest : public QObject {
    Q_OBJECT
private slots:
    void render_equalsPythonForEveryBuiltin();
};

void BuiltinsGoldenTest::render_equalsPythonForEveryBuiltin() {
    std::ifstream lines(std::filesystem::path(SOTTO_SOURCE_DIR) /
                        "tests/golden/jinja/builtins.jsonl");
    std::string line;
    QVERIFY(std::getline(lines, line));
    const std::string context = Json::parse(line)["context"].dump();
    int nRows = 0, nEqual = 0;
    while (std::getline(lines, line)) {
        const Json row = Json::parse(line);
        const auto source = row[0].get<std::string>();
        const auto compiled = sotto::compileChatTemplate(source);
        const auto rendered =
            compiled ? (*compiled)->render(context, kNow) : sotto::fail(compiled.error());
        ++nRows;
        const bool isEqual =
            row[1].is_null() ? !rendered.has_value() : rendered && rendered->text == row[1];
        nEqual += isEqual ? 1 : 0;
        if (isEqual) continue;
        const std::string expected = row[1].is_null() ? "a failure" : row[1].get<std::string>();
        qWarning("%s: got «%s», expected «%s»", source.c_str(),
                 rendered ? rendered->text.c_str() : rendered.error().message.c_str(),
                 expected.c_str());
    }
    QVERIFY(nRows > 1000);
    QCOMPARE(nEqual, nRows);
}

QTEST_APPLESS_MAIN(BuiltinsGoldenTest)
#include "builtins_golden_test.moc"
