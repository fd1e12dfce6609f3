// Templates made to hang, to exhaust memory or the stack: each must end in an Error, none is timed
// (a hang shows as the test's timeout).
#include <QtTest>

#include "engine/api/chat_template.h"
#include "engine/token/jinja/limits.h"
#include "engine/token/jinja/string_functions.h"
#include "engine/token/jinja/value.h"

namespace {

sotto::Result<std::string> render(const std::string& source, const std::string& context = "{}") {
    const auto compiled = sotto::compileChatTemplate(source);
    if (!compiled) return sotto::fail(compiled.error());
    const auto rendered = (*compiled)->render(context, 0);
    if (!rendered) return sotto::fail(rendered.error());
    return rendered->text;
}

std::string repeated(const std::string& part, int times) {
    std::string text;
    for (int time = 0; time < times; ++time) text += part;
    return text;
}

// Runs `step` 100,000 times over one namespace.
std::string looped(const std::string& start, const std::string& step) {
    return "{% set ns = namespace(x=" + start +
           ") %}{% for i in range(100000) %}{% set ns.x = " + step + " %}{% endfor %}";
}

}  // namespace

class ChatTemplateHostileTest : public QObject {
    Q_OBJECT
private slots:
    void hostileTemplate_endsInAnError_data();
    void hostileTemplate_endsInAnError();
    void deepJson_endsInAnError();
    void longChain_endsWithoutCrash();
    void slowNeedle_isSearchedInLinearTime();
    void longConversation_renders();
    void sharedTuple_isAKey();
    void smallestWidth_changesNothing_data();
    void smallestWidth_changesNothing();
    void remainder_staysInRangeAtTheEdges();
    void parts_areCountedBeforeTheyAreMade();
    void urlencode_stopsAtTheLongestText();
};

void ChatTemplateHostileTest::hostileTemplate_endsInAnError_data() {
    QTest::addColumn<QByteArray>("source");
    const auto row = [](const char* name, const std::string& source) {
        QTest::newRow(name) << QByteArray::fromStdString(source);
    };
    constexpr int kDeep = 100'000;
    row("parentheses", "{{ " + repeated("(", kDeep) + "1" + repeated(")", kDeep) + " }}");
    row("brackets", "{{ " + repeated("[", kDeep) + repeated("]", kDeep) + " }}");
    row("dicts", "{{ " + repeated("{1:", kDeep) + "1" + repeated("}", kDeep) + " }}");
    row("not", "{{ " + repeated("not ", kDeep) + "1 }}");
    row("minus", "{{ " + repeated("-", kDeep) + "1 }}");
    row("ifs", repeated("{% if 1 %}", 50'000) + repeated("{% endif %}", 50'000));
    row("calls", "{{ " + repeated("a(", kDeep) + repeated(")", kDeep) + " }}");
    row("else", "{{ " + repeated("1 if 0 else ", kDeep) + "1 }}");
    row("targets", "{% set " + repeated("(", kDeep) + "a" + repeated(")", kDeep) + " = 1 %}");
    row("sum", "{{ 1" + repeated("+1", kDeep) + " }}");
    row("filters", "{{ 1" + repeated("|string", kDeep) + " }}");
    row("subscripts", "{{ a" + repeated("[0]", kDeep) + " }}");
    row("loops",
        "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}"
        "{{ a }}{% endfor %}{% endfor %}{% endfor %}");
    row("quiet loops",
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}"
        "{% endfor %}");
    row("doubling",
        "{% set ns = namespace(x='x') %}{% for i in range(100) %}"
        "{% set ns.x = ns.x + ns.x %}{% endfor %}");
    row("doubling lists",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}"
        "{% set ns.x = ns.x + ns.x %}{% endfor %}");
    row("sharing",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}"
        "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}");
    row("comparing",
        "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}"
        "{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}"
        "{{ ns.x == ns.y }}");
    const std::string sharedTuples = "{% set t = (1, 1) %}{% set u = (1, 1) %}" +
                                     repeated("{% set t = (t, t) %}{% set u = (u, u) %}", 60);
    row("hashing shared tuples", sharedTuples + "{{ {t: 1} }}");
    row("comparing shared keys", sharedTuples + "{{ {t: 1, u: 2} }}");
    row("ordering shared tuples", sharedTuples + "{{ t < u }}");
    row("shared tuples as JSON", sharedTuples + "{{ t|tojson }}");
    row("loops within loops", "{% for a in [1] %}" + repeated("{% for b in [loop, loop] %}", 40) +
                                  repeated("{% endfor %}", 40) + "{% endfor %}");
    row("tags without end", "{{ ('<' * 30000000)|striptags|length }}{{ 1 // 0 }}");
    row("comments without end", "{{ ('<!--' * 7000000)|striptags|length }}{{ 1 // 0 }}");
    row("truncate to the smallest", "{{ 'abc'|truncate(-9223372036854775807 - 1) }}");
    row("range", "{{ range(1000000000000)|list }}");
    row("repeat", "{{ 'x' * 10000000000 }}");
    row("repeat list", "{{ ([0] * 1000000) * 1000000 }}");
    row("width", "{{ '%1000000000d' % 1 }}");
    row("center", "{{ 'x'.center(100000000000) }}");
    row("indent", "{{ ('a\\n' * 1000000)|indent(4000) }}");
    row("replace", "{{ ('a' * 1000000).replace('', 'b' * 1000) }}");
    row("recursion", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}");
    row("mutual",
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}"
        "{{ a() }}");
    row("fork bomb",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}"
        "{% endmacro %}{{ m(60) }}");
    row("callers",
        "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}"
        "{% call m() %}x{% endcall %}");
    row("recursive loop", "{% set l = [1] %}{% for x in l recursive %}{{ loop(l) }}{% endfor %}");
    row("nesting", looped("[]", "[ns.x]"));
    row("nesting dicts", looped("{}", "{1: ns.x}"));
    row("growing", looped("[]", "ns.x + [ns.x|length] * 100"));
    row("namespaces", looped("1", "namespace(x=ns.x)") + repeated("{{ ns.x", 1) + " }}");
    row("map of map", "{{ 'a'|map('map'" + repeated(",'map'", 50'000) + ")|list }}");
    row("many names", "{{ dict(" + repeated("a=1,", 1) + "**{'b': 1})|items|map('x')|list }}");
    row("no end", repeated("{{ 'a' ", 10'000));
    row("source", std::string(2'000'000, 'x'));
}

void ChatTemplateHostileTest::hostileTemplate_endsInAnError() {
    QFETCH(QByteArray, source);
    const auto result = render(source.toStdString());
    QVERIFY(!result);
    QCOMPARE(result.error().code, sotto::ErrorCode::BadTemplate);
    QVERIFY(!result.error().message.empty());
    QVERIFY(result.error().message.size() < 600);
    QVERIFY(result.error().message.find('\n') == std::string::npos);
}

void ChatTemplateHostileTest::deepJson_endsInAnError() {
    const std::string json = "{\"x\": " + repeated("[", 50'000) + repeated("]", 50'000) + "}";
    const auto result = render("{{ x }}", json);
    QVERIFY(!result);
    QCOMPARE(result.error().code, sotto::ErrorCode::BadTemplate);
}

// Wide rather than deep: flat in the tree, so it must simply work.
void ChatTemplateHostileTest::longChain_endsWithoutCrash() {
    QVERIFY(render("{{ 1" + repeated(" ~ 1", 10'000) + " }}").has_value());
    QVERIFY(render("{% if 0 %}" + repeated("{% elif 0 %}", 10'000) + "{% endif %}").has_value());
    QVERIFY(render("{{ [" + repeated("1,", 10'000) + "]|length }}").has_value());
    QCOMPARE(*render("{{ 1" + repeated(" == 1", 10'000) + " }}"), std::string("True"));
}

// A needle of a's and one b in a text of a's takes quadratic time when searched plainly.
void ChatTemplateHostileTest::slowNeedle_isSearchedInLinearTime() {
    const auto result = render(
        "{% set text = 'a' * 4000000 %}{% set needle = 'a' * 2000000 + 'b' %}"
        "{{ needle in text }}{{ text.find(needle) }}{{ text.rfind(needle) }}"
        "{{ text.split(needle)|length }}{{ text.rsplit(needle)|length }}{{ text.count(needle) }}"
        "{{ text.replace(needle, 'x')|length }}{{ text.strip('a')|length }}");
    QVERIFY2(result.has_value(), result ? "" : result.error().message.c_str());
    QCOMPARE(*result, std::string("False-1-11104000000") + "0");
}

// The limits must not stand in the way of real work: 4,000 messages of 1 kB each.
void ChatTemplateHostileTest::longConversation_renders() {
    std::string messages;
    for (int index = 0; index < 4000; ++index) {
        messages += std::string(index > 0 ? "," : "") + "{\"role\": \"" +
                    (index % 2 == 0 ? "user" : "assistant") + "\", \"content\": \"" +
                    std::string(1000, 'x') + "\"}";
    }
    const auto result =
        render(std::string(sotto::chatMlTemplate()), "{\"messages\": [" + messages + "]}");
    QVERIFY2(result.has_value(), result ? "" : result.error().message.c_str());
    QVERIFY(result->size() > 4'000'000);
}

void ChatTemplateHostileTest::sharedTuple_isAKey() {
    const std::string tuple = "{% set t = (1, 1) %}" + repeated("{% set t = (t, t) %}", 60);
    QCOMPARE(*render(tuple + "{{ {t: 1}|length }}"), std::string("1"));
    QVERIFY(!render("{{ {(1, [2]): 1}|length }}"));
    QVERIFY(!render("{{ {(1, (2, {})): 1}|length }}"));
}

void ChatTemplateHostileTest::smallestWidth_changesNothing_data() {
    QTest::addColumn<QByteArray>("call");
    for (const char* call : {"ljust", "rjust", "center", "zfill"}) {
        QTest::newRow(call) << QByteArray(call);
    }
}

void ChatTemplateHostileTest::smallestWidth_changesNothing() {
    QFETCH(QByteArray, call);
    const auto result = render("{{ 'abc'." + call.toStdString() + "(-9223372036854775807 - 1) }}");
    QVERIFY2(result.has_value(), result ? "" : result.error().message.c_str());
    QCOMPARE(*result, std::string("abc"));
}

// Python's remainder has the divisor's sign; the sum of remainder and divisor does not fit here.
void ChatTemplateHostileTest::remainder_staysInRangeAtTheEdges() {
    const std::string largest = "9223372036854775807";
    QCOMPARE(*render("{{ (" + largest + " - 1) is divisibleby(" + largest + ") }}"),
             std::string("False"));
    QCOMPARE(*render("{{ " + largest + " is divisibleby(" + largest + ") }}"), std::string("True"));
    QCOMPARE(*render("{{ (-" + largest + " - 1) is divisibleby(-1) }}"), std::string("True"));
    QCOMPARE(*render("{{ -3 is odd }}{{ -4 is even }}"), std::string("TrueTrue"));
}

void ChatTemplateHostileTest::parts_areCountedBeforeTheyAreMade() {
    using namespace sotto::jinja;
    const std::string letters(kMaxParts + 1, 'a'), lines(kMaxParts + 1, '\n');
    std::string words;
    for (std::size_t word = 0; word <= kMaxParts; ++word) words += "a ";
    QVERIFY_EXCEPTION_THROWN(splitText(letters, "a", -1), TemplateFault);
    QVERIFY_EXCEPTION_THROWN(splitFromRight(letters, "a", -1), TemplateFault);
    QVERIFY_EXCEPTION_THROWN(splitAtSpaces(words, -1), TemplateFault);
    QVERIFY_EXCEPTION_THROWN(splitAtSpacesFromRight(words, -1), TemplateFault);
    QVERIFY_EXCEPTION_THROWN(splitLines(lines, false), TemplateFault);
    QCOMPARE(splitText(letters, "a", 3).size(), std::size_t{4});
}

// 40 values of 12 MB, each three times as long when encoded: over before the second.
void ChatTemplateHostileTest::urlencode_stopsAtTheLongestText() {
    std::string entries;
    for (int index = 0; index < 40; ++index) entries += std::to_string(index) + ": s,";
    const auto result =
        render("{% set s = '%' * 12000000 %}{{ {" + entries + "}|urlencode|length }}");
    QVERIFY(!result);
    QVERIFY2(result.error().message.find("too long") != std::string::npos,
             result.error().message.c_str());
}

QTEST_APPLESS_MAIN(ChatTemplateHostileTest)
#include "chat_template_hostile_test.moc"
