// What templates mean, case by case. Expected texts are those of Python's jinja2 3.1 with
// transformers' settings (trim_blocks, lstrip_blocks, loop controls, immutable sandbox).
#include <QtTest>

#include "engine/api/chat_template.h"

namespace {

constexpr std::int64_t kNow = 1752148800;  // 2025-07-10 12:00:00 UTC

sotto::Result<std::string> render(std::string_view source, std::string_view context = "{}") {
    const auto compiled = sotto::compileChatTemplate(source);
    if (!compiled) return sotto::fail(compiled.error());
    const auto rendered = (*compiled)->render(context, kNow);
    if (!rendered) return sotto::fail(rendered.error());
    return rendered->text;
}

constexpr const char* kContext =
    R"({"name": "Ada", "none": null, "n": 7, "x": 2.5, "list": [3, 1, 2], "text": "Grüße, 世界",
        "d": {"b": 2, "a": "1", "items": 9}, "people": [{"name": "Bo", "age": 3}, {"name": "al"}]})";

}  // namespace

class ChatTemplateTest : public QObject {
    Q_OBJECT
private slots:
    void render_equalsPython_data();
    void render_equalsPython();
    void render_failsWithAMessage_data();
    void render_failsWithAMessage();
    void compile_failsWithTheFaultsPlace_data();
    void compile_failsWithTheFaultsPlace();
    void render_reportsInvalidJson();
    void render_givesTheTemplatesOwnMessage();
    void render_isRepeatable();
    void chatMlTemplate_rendersAConversation();
};

void ChatTemplateTest::render_equalsPython_data() {
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const char* source, const char* expected) {
        QTest::newRow(name) << QByteArray(source) << QByteArray(expected);
    };
#include "render_cases.inc"
}

void ChatTemplateTest::render_equalsPython() {
    QFETCH(QByteArray, source);
    QFETCH(QByteArray, expected);
    const auto result = render(source.toStdString(), kContext);
    QVERIFY2(result.has_value(), result ? "" : result.error().message.c_str());
    QCOMPARE(QByteArray::fromStdString(*result), expected);
}

void ChatTemplateTest::render_failsWithAMessage_data() {
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QByteArray>("part");
    const auto row = [](const char* source, const char* part) {
        QTest::newRow(source) << QByteArray(source) << QByteArray(part);
    };
    row("{{ nothing.at.all }}", "'nothing' is undefined");
    row("{{ nothing + 1 }}", "'nothing' is undefined");
    row("{{ d.c.e }}", "'dict object' has no attribute 'c'");
    row("{{ nothing() }}", "'nothing' is undefined");
    row("{{ 'a' + 1 }}", "can only concatenate str");
    row("{{ 1 < 'a' }}", "'<' not supported between instances of 'int' and 'str'");
    row("{{ 1 / 0 }}", "division by zero");
    row("{{ list.append(4) }}", "unsafe");
    row("{{ d.update({}) }}", "unsafe");
    row("{{ list|map('upper') | tojson }}", "not JSON serializable");
    row("{{ nothing|tojson }}", "not JSON serializable");
    row("{{ list|nofilter }}", "No filter named 'nofilter'");
    row("{{ list is notest }}", "No test named 'notest'");
    row("{% for a, b in list %}{% endfor %}", "cannot unpack");
    row("{% for a, b in [[1]] %}{% endfor %}", "not enough values to unpack");
    row("{% set none2 = 1 %}{% set none2.x = 1 %}", "non-namespace");
    row("{% for x in none %}{% endfor %}", "'NoneType' object is not iterable");
    row("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "takes not more than 1");
    row("{% macro m(a) %}{% endmacro %}{{ m(b=2) }}", "no keyword argument 'b'");
    row("{{ range(200000) }}", "Range too big");
    row("{{ 10 ** 5000 }}", "a number that is too large");
    row("{{ 2 ** (2 ** 70) }}", "a number that is too large");
    row("{{ (10 ** 400) * 1.0 }}", "int too large to convert to float");
    row("{{ none[1:] }}", "slice");
    row("{{ 'abc'.split('') }}", "empty separator");
    row("{{ {[]: 1} }}", "unhashable type: 'list'");
    row("{{ strftime_now('%Q') }}", "'%Q'");
    row("line one\nline two {{ nothing.x }}", "(line 2)");
}

void ChatTemplateTest::render_failsWithAMessage() {
    QFETCH(QByteArray, source);
    QFETCH(QByteArray, part);
    const auto result = render(source.toStdString(), kContext);
    QVERIFY(!result);
    QCOMPARE(result.error().code, sotto::ErrorCode::BadTemplate);
    QVERIFY2(result.error().message.find(part.toStdString()) != std::string::npos,
             result.error().message.c_str());
}

void ChatTemplateTest::compile_failsWithTheFaultsPlace_data() {
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QByteArray>("part");
    const auto row = [](const QByteArray& source, const char* part) {
        QTest::newRow(source.left(60)) << source << QByteArray(part);
    };
    row("{% if x %}", "'{% endif %}'");
    row("a\n{{ }}", "(line 2, column 4)");
    row("{{ 1 + }}", "unexpected '}}'");
    row("{% endfor %}", "'endfor'");
    row("{% include 'x' %}", "'include'");
    row("{{ (1] }}", "expected ')'");
    row("{{ 'open }}", "not closed");
    row("{# open", "comment is not closed");
    row("{% raw %}", "raw block is not closed");
    row("{{ a b }}", "expected '}}'");
    row("{% break %}", "outside of a loop");
    row("{% set true = 1 %}", "can't assign");
    row("{{ 1" + QByteArray(5000, '0') + " }}", "the number is too large");
    row("{{ ? }}", "unexpected character '?'");
    row("{% macro m(a=1, b) %}{% endmacro %}", "without a default");
    row("\xff", "UTF-8");
}

void ChatTemplateTest::compile_failsWithTheFaultsPlace() {
    QFETCH(QByteArray, source);
    QFETCH(QByteArray, part);
    const auto result = sotto::compileChatTemplate(source.toStdString());
    QVERIFY(!result);
    QCOMPARE(result.error().code, sotto::ErrorCode::BadTemplate);
    QVERIFY2(result.error().message.find(part.toStdString()) != std::string::npos,
             result.error().message.c_str());
}

void ChatTemplateTest::render_reportsInvalidJson() {
    for (const char* context : {"", "{", "[]", "{\"a\": \"\xff\"}"}) {
        const auto result = render("x", context);
        QVERIFY(!result);
        QCOMPARE(result.error().code, sotto::ErrorCode::InvalidArgument);
    }
}

void ChatTemplateTest::render_givesTheTemplatesOwnMessage() {
    const auto result = render("{% if true %}{{ raise_exception('No system role.') }}{% endif %}");
    QVERIFY(!result);
    QCOMPARE(result.error().message, std::string("No system role."));
}

void ChatTemplateTest::render_isRepeatable() {
    const auto compiled = sotto::compileChatTemplate(
        "{% set ns = namespace(n=0) %}{% for x in list %}{% set ns.n = ns.n + x %}{% endfor %}"
        "{{ ns.n }}");
    QVERIFY(compiled.has_value());
    for (int time = 0; time < 3; ++time) {
        QCOMPARE((*compiled)->render(kContext, kNow)->text, std::string("6"));
    }
}

void ChatTemplateTest::chatMlTemplate_rendersAConversation() {
    const auto result = render(sotto::chatMlTemplate(),
                               R"({"messages": [{"role": "system", "content": "Be brief."},
                                                {"role": "user", "content": "Hi"}],
                                   "add_generation_prompt": true})");
    QCOMPARE(*result, std::string("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n"
                                  "Hi<|im_end|>\n<|im_start|>assistant\n"));
}

QTEST_APPLESS_MAIN(ChatTemplateTest)
#include "chat_template_test.moc"
