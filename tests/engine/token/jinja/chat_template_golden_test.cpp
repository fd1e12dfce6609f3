// Real templates over real conversations, against Python's jinja2 (shared/data/templates; see its
// README). The templates are third-party files that are not committed.
#include <QtTest>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/api/chat_template.h"
#include "tests/engine/token/jinja/template_files.h"

using namespace sotto::test;
using Json = nlohmann::ordered_json;

namespace {

// 2025-07-10 12:00:00 UTC, where the goldens froze strftime_now.
constexpr std::int64_t kFrozenNow = 1752148800;

// The families that must render completely, as their files are named.
bool isRequiredFamily(const std::string& name) {
    static const std::vector<std::string> kFamilies{
        "Qwen2.5", "qwen2", "Qwen3", "qwen3", "Llama-3", "llama-3", "istral",
        "gemma",   "Gemma", "phi-",  "Phi-",  "chatml",  "gpt-oss"};
    return std::any_of(kFamilies.begin(), kFamilies.end(), [&name](const std::string& family) {
        return name.find(family) != std::string::npos;
    });
}

// Where two texts part, with what surrounds it.
std::string difference(const std::string& actual, const std::string& expected) {
    std::size_t at = 0;
    while (at < actual.size() && at < expected.size() && actual[at] == expected[at]) ++at;
    const std::size_t from = at < 30 ? 0 : at - 30;
    return "byte " + std::to_string(at) + ": got «" + actual.substr(from, 90) + "», expected «" +
           expected.substr(from, 90) + "»";
}

}  // namespace

class ChatTemplateGoldenTest : public QObject {
    Q_OBJECT
private slots:
    void render_equalsPythonForRealTemplates();
    void render_equalsPythonForConformanceCases();
};

void ChatTemplateGoldenTest::render_equalsPythonForRealTemplates() {
    const auto folder = templateFolder();
    std::ifstream lines(folder / "goldens.jsonl");
    if (!lines) QSKIP("no ../shared/data/templates/goldens.jsonl: set SOTTO_SHARED");
    std::map<std::string, sotto::Result<std::unique_ptr<sotto::ChatTemplate>>> compiled;
    int nRendered = 0, nEqual = 0, nErrors = 0, nFailing = 0, nRequired = 0, nRequiredEqual = 0;
    for (std::string line; std::getline(lines, line);) {
        const Json row = Json::parse(line);
        const auto name = row["template"].get<std::string>();
        if (!compiled.contains(name)) {
            compiled.emplace(name, sotto::compileChatTemplate(readFile(folder / name)));
        }
        const auto& source = compiled.at(name);
        const auto result = source ? (*source)->render(row["context"].dump(), kFrozenNow)
                                   : sotto::fail(source.error());
        const std::string place = name + " / " + row["case"].get<std::string>();
        if (row.contains("error")) {
            ++nErrors;
            const bool isFailing = !result && !result.error().message.empty();
            nFailing += isFailing ? 1 : 0;
            if (!isFailing)
                qWarning("%s renders, Python: %s", place.c_str(),
                         row["error"].get<std::string>().c_str());
            continue;
        }
        const auto expected = row["rendered"].get<std::string>();
        const bool isEqual = result && result->text == expected;
        ++nRendered;
        nEqual += isEqual ? 1 : 0;
        if (isRequiredFamily(name)) {
            ++nRequired;
            nRequiredEqual += isEqual ? 1 : 0;
        }
        if (!isEqual) {
            qWarning("%s: %s", place.c_str(),
                     result ? difference(result->text, expected).c_str()
                            : result.error().message.c_str());
        }
    }
    qInfo("%d of %d rows equal, %d of %d error rows fail, %d of %d rows of required families",
          nEqual, nRendered, nFailing, nErrors, nRequiredEqual, nRequired);
    QVERIFY(nRendered > 1000);
    QVERIFY(nErrors > 50);
    QVERIFY(nRequired > 400);
    QCOMPARE(nRequiredEqual, nRequired);
    QCOMPARE(nFailing, nErrors);
    QVERIFY2(nEqual * 100 >= nRendered * 95, "fewer than 95 % of the rows are equal");
    QCOMPARE(nEqual, nRendered);  // what was reached; a regression is one even above 95 %
}

void ChatTemplateGoldenTest::render_equalsPythonForConformanceCases() {
    const auto path = templateFolder() / "jinja-conformance.json";
    if (!std::filesystem::exists(path)) QSKIP("no ../shared/data/templates: set SOTTO_SHARED");
    int nCases = 0, nEqual = 0;
    for (const Json& item : Json::parse(readFile(path))) {
        if (!item["callables"].empty()) continue;  // need functions that JSON cannot carry
        const auto id = item["id"].get<std::string>();
        const auto source = sotto::compileChatTemplate(item["template"].get<std::string>());
        const auto result = source ? (*source)->render(item["context"].dump(), kFrozenNow)
                                   : sotto::fail(source.error());
        ++nCases;
        if (!item.contains("python_jinja2")) {
            nEqual += result ? 0 : 1;
            if (result) qWarning("%s renders, Python fails", id.c_str());
            continue;
        }
        const auto expected = item["python_jinja2"].get<std::string>();
        const bool isEqual = result && result->text == expected;
        nEqual += isEqual ? 1 : 0;
        if (isEqual) continue;
        qWarning(
            "%s: %s", id.c_str(),
            result ? difference(result->text, expected).c_str() : result.error().message.c_str());
    }
    qInfo("%d of %d conformance cases", nEqual, nCases);
    QVERIFY(nCases > 150);
    QCOMPARE(nEqual, nCases);
}

QTEST_APPLESS_MAIN(ChatTemplateGoldenTest)
#include "chat_template_golden_test.moc"
