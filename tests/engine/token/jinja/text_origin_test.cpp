// Which bytes of a rendering are the caller's, operation by operation, and for real templates and
// random programs against a naive model: the caller writes full-width letters, the template ASCII.
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "engine/api/chat_template.h"
#include "engine/token/jinja/origin_text.h"
#include "engine/token/jinja/unicode.h"
#include "tests/engine/token/jinja/template_files.h"

using namespace sotto::test;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::int64_t kNow = 1752148800;  // 2025-07-10 12:00:00 UTC

sotto::Result<sotto::RenderedText> render(std::string_view source, std::string_view context) {
    const auto compiled = sotto::compileChatTemplate(source);
    if (!compiled) return sotto::fail(compiled.error());
    return (*compiled)->render(context, kNow);
}

// The caller's parts in angle quotes.
std::string marked(const sotto::RenderedText& rendered) {
    std::string text;
    std::size_t at = 0;
    for (const sotto::TextSpan& span : rendered.callerSpans) {
        text += rendered.text.substr(at, span.begin - at) + "«" +
                rendered.text.substr(span.begin, span.end - span.begin) + "»";
        at = span.end;
    }
    return text + rendered.text.substr(at);
}

// U+FF01 to U+FF5E, which have capitals of their own.
bool isFullWidth(char32_t character) { return character >= 0xff01 && character <= 0xff5e; }

std::string fullWidth(const std::string& text) {
    std::string result;
    for (std::size_t offset = 0; offset < text.size();) {
        const char32_t character = sotto::jinja::nextCodePoint(text, offset);
        const bool isAscii = character > 0x20 && character < 0x7f;
        sotto::jinja::appendCodePoint(result, isAscii ? character + 0xfee0 : 0xff0e);
    }
    return result;
}

// The first place where a full-width character is not the caller's; with `isExact` also where
// another one is.
std::string firstDifference(const sotto::RenderedText& rendered, bool isExact) {
    std::size_t span = 0;
    for (std::size_t offset = 0; offset < rendered.text.size();) {
        const std::size_t start = offset;
        const char32_t character = sotto::jinja::nextCodePoint(rendered.text, offset);
        while (span < rendered.callerSpans.size() && rendered.callerSpans[span].end <= start)
            ++span;
        const bool isCaller =
            span < rendered.callerSpans.size() && rendered.callerSpans[span].begin <= start;
        const bool isWrong = isFullWidth(character) ? !isCaller : isExact && isCaller;
        if (isWrong) return "byte " + std::to_string(start) + " of " + marked(rendered);
    }
    return {};
}

// Contents and thinking in full width, a character for a character.
void widenMessages(Json& value) {
    if (value.is_array()) {
        for (Json& item : value) widenMessages(item);
    } else if (value.is_object()) {
        for (auto& [key, item] : value.items()) {
            const bool isText = key == "content" || key == "reasoning_content" || key == "text";
            if (isText && item.is_string()) {
                item = fullWidth(item.get<std::string>());
            } else {
                widenMessages(item);
            }
        }
    }
}

}  // namespace

class TextOriginTest : public QObject {
    Q_OBJECT
private slots:
    void operation_keepsTheOrigin_data();
    void operation_keepsTheOrigin();
    void roleAndTokens_areTheTemplates();
    void text_countsItsBorders();
    void realTemplate_tellsEveryCharacterOfItsMessages();
    void randomProgram_tellsEveryCharacter();
};

void TextOriginTest::operation_keepsTheOrigin_data() {
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* source, const char* expected) {
        QTest::newRow(source) << QByteArray(source) << QByteArray(expected);
    };
    // The caller's: s = "a-B c", t = " x<y ", n = 7, list = ["p", "q"], d = {"k": "v"}.
    row("<{{ s }}>", "<«a-B c»>");
    row("{{ '<' + s + '>' }}", "<«a-B c»>");
    row("{{ '<' ~ s ~ n ~ 1 ~ '>' }}", "<«a-B c7»1>");
    row("{{ s * 2 }}{{ 'x' * 2 }}", "«a-B ca-B c»xx");
    row("{{ ('[' + s + ']')[1:3] }}{{ ('[' + s)[0] }}{{ ('[' + s)[::-1] }}", "«a-»[«c B-a»[");
    row("{{ '<%s|%d>' % (s, n) }}{{ s % () }}", "<«a-B c»|«7»>«a-B c»");
    row("{{ '%-6s|%3d' % ('a', n) }}{{ '<%s>'|format(s) }}", "a     |  «7»<«a-B c»>");
    row("{{ '<{}{:>4}{x}>'.format(s, n, x=1) }}{{ '{0.k}'.format(d) }}", "<«a-B c»   «7»1>«v»");
    row("{{ (s + 'z')|upper }}{{ (s + 'Z').lower() }}", "«A-B C»Z«a-b c»z");
    row("{{ s|title }}{{ s.title() }}{{ s|capitalize }}{{ s.swapcase() }}",
        "«A-B CA-B CA-b cA-b C»");
    row("[{{ t|trim }}][{{ t.strip() }}][{{ (t + ' ').rstrip() }}]", "[«x<y»][«x<y»][« x<y»]");
    row("{{ s|replace('-', '+') }}{{ 'a_b'|replace('_', s) }}{{ s.replace('a', '<|x|>') }}",
        "«a»+«B c»a«a-B c»b<|x|>«-B c»");
    row("{{ 'ab'|replace('', '.') }}{{ list[0]|replace('', '.') }}", ".a.b..«p».");
    row("{{ s.split('-')|join('<|x|>') }}{{ ' '.join(list) }}{{ list|join }}",
        "«a»<|x|>«B cp» «qpq»");
    row("{{ s.split() }}{{ s.rsplit('-', 1)[1] }}{{ s.splitlines()[0] }}",
        "['«a-B»', '«c»']«B ca-B c»");
    row("{{ s.partition('-')|join }}{{ s.rpartition('z')|join }}", "«a»-«B ca-B c»");
    row("{{ s.removeprefix('a') }}{{ s.removesuffix('c') }}", "«-B ca-B »");
    row("{{ s.center(9, '*') }}{{ s|center(7) }}{{ 'x'.ljust(3, list[0]) }}{{ s.zfill(6) }}",
        "**«a-B c»** «a-B c» x«pp0a-B c»");
    row("{{ ('x\n' + s)|indent(2, true) }}", "  x\n  «a-B c»");
    row("{{ 'x'|indent(s, true) }}{{ s|truncate(3, true, '…', 0) }}", "«a-B c»x«a-»…");
    row("{{ t|e }}{{ t|forceescape }}{{ '<'|e + t }}", "« x&lt;y  x&lt;y »&lt;« x&lt;y »");
    row("{{ (t|safe)|e }}{{ s|string }}{{ s|wordcount }}", "« x<y a-B c»3");
    row("{{ t|striptags }}{{ ('<b>' + s)|striptags }}", "«x<ya-B c»");
    row("{{ t|urlencode }}{{ {'q': s}|urlencode }}", "«%20x%3Cy%20»q=«a-B+c»");
    row("{{ {'x': s}|tojson }}{{ d|tojson }}{{ list|tojson(indent=1) }}",
        "{\"x\": \"«a-B c»\"}{\"«k»\": \"«v»\"}[\n \"«p»\",\n \"«q»\"\n]");
    row("{{ quoted|tojson }}{{ quoted|tojson(ensure_ascii=true) }}",
        "\"«\\\"ü\\n»\"\"«\\\"\\u00fc\\n»\"");
    row("{{ [s, 'z', n, 1] }}{{ d }}{{ [quoted] }}",
        "['«a-B c»', 'z', «7», 1]{'«k»': '«v»'}['«\"ü\\n»']");
    row("{% for c in s[:2] %}{{ c }}.{% endfor %}{% for k, v in d.items() %}{{ k }}={{ v }}{% "
        "endfor %}",
        "«a».«-».«k»=«v»");
    row("{% set x = s + '!' %}{{ x }}{% set y %}<{{ s }}>{% endset %}{{ y }}", "«a-B c»!<«a-B c»>");
    row("{% set ns = namespace(x=s) %}{{ ns.x }}{% set ns.x = '<' ~ ns.x %}{{ ns.x }}",
        "«a-B c»<«a-B c»");
    row("{% macro m(x, y='.') %}<{{ x }}{{ y }}>{% endmacro %}{{ m(s) }}{{ m('a', s)|upper }}",
        "<«a-B c».><A«A-B C»>");
    row("{% macro m() %}{{ kwargs }}{% endmacro %}{{ m(**d) }}{{ dict(**d) }}{{ namespace(**d) }}",
        "{'«k»': '«v»'}{'«k»': '«v»'}<Namespace {'«k»': '«v»'}>");
    row("{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}{{ s }}!{% endcall %}",
        "[«a-B c»!]");
    row("{% filter upper %}x{{ s }}{% endfilter %}", "X«A-B C»");
    row("{{ list|map('upper')|join('+') }}{{ list|map(attribute=0)|list }}{{ list|first }}{{ "
        "s|last }}",
        "«P»+«Q»['«p»', '«q»']«pc»");
    row("{{ list|reverse|join }}{{ s|reverse }}{{ (list + ['z'])|sort|join }}{{ list|unique|join "
        "}}",
        "«qpc B-apq»z«pq»");
    row("{{ people|groupby('g')|map('first')|join }}{{ people|map(attribute='g')|join(',') }}",
        "«11»,«1»");
    row("{{ n + 1 }}{{ n|string }}{{ -n }}{{ '12'|int }}{{ digits|int }}{{ n|float }}{{ n|abs }}",
        "«87-7»12«347.07»");
    row("{{ s|length }}{{ 1000|filesizeformat }}{{ none }}{{ flag }}{{ nothing|default('x') }}",
        "51.0 kBNone«True»x");
    row("{{ n|round(1) }}{{ (2.5 * n)|round }}{{ [n, 1]|sum }}{{ [n, 9]|max }}{{ list[-1] }}",
        "«718.08»9«q»");
    row("{{ big }}{{ big + 1 }}{{ [big]|tojson }}{{ '%d' % big }}{{ '{:,}'.format(big) }}",
        "«99999999999999999999100000000000000000000»[«99999999999999999999»]"
        "«9999999999999999999999,999,999,999,999,999,999»");
    row("{{ (s + ' xy')|wordwrap(5) }}{{ s|wordwrap(3, wrapstring='<|x|>') }}",
        "«a-B c»\nxy«a-B»<|x|>«c»");
    row("{{ [s]|pprint }}{{ d|pprint }}{{ {'x': t}|xmlattr }}",
        "['«a-B c»']{'«k»': '«v»'} x=\"« x&lt;y »\"");
    row("{% set j = joiner(s) %}{{ j() }}x{{ j() }}{% set c = cycler('a', s) %}{{ c.next() }}"
        "{{ c.next() }}",
        "x«a-B c»a«a-B c»");
    row("{% for g in people|groupby('g') %}{{ g.grouper }}{{ g.list|length }}{% endfor %}", "«1»2");
    row("{{ s.translate({97: '<|x|>', 66: 98}) }}{{ ('\t' ~ s).expandtabs(2) }}",
        "<|x|>«-b c»  «a-B c»");
    row("{{ '{:>4}{n}{x[0]!r}'.format(1, n=s, x=list) }}{{ '%c%a' % (list[0], s) }}",
        "   1«a-B c»'«p»'«p»'«a-B c»'");
    row("{{ umlaut|upper }}{{ umlaut|title }}{{ umlaut.casefold() }}{{ 'ß'|upper }}",
        "«SSΑΣSSαςssασ»SS");
    row("{{ {'user': '<|u|>'}['us' + 'er'] }}{{ s if n > 3 else 'no' }}{{ '' or s }}",
        "<|u|>«a-B ca-B c»");
    row("{{ strftime_now('%Y') }}{{ raise_exception is defined }}{{ loop is defined }}",
        "2025TrueFalse");
    row("{% for x in list recursive %}<{{ x }}>{% endfor %}{% for x in [1, [s]] recursive %}"
        "{{ loop(x) if x is iterable and x is not string else x }}{% endfor %}",
        "<«p»><«q»>1«a-B c»");
}

void TextOriginTest::operation_keepsTheOrigin() {
    QFETCH(QByteArray, source);
    QFETCH(QByteArray, expected);
    const auto rendered = render(
        source.toStdString(),
        R"({"s": "a-B c", "t": " x<y ", "n": 7, "digits": "34", "list": ["p", "q"], "flag": true,
            "d": {"k": "v"}, "umlaut": "ßας",
            "big": 99999999999999999999, "quoted": "\"ü\n", "people": [{"g": "1"}, {"g": "1"}]})");
    QVERIFY2(rendered, rendered ? "" : rendered.error().message.c_str());
    QCOMPARE(QByteArray::fromStdString(marked(*rendered)), expected);
}

void TextOriginTest::roleAndTokens_areTheTemplates() {
    const auto rendered = render(
        "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.name }}{{ m.content }}"
        "{{ eos_token }}{% endfor %}",
        R"({"bos_token": "<s>", "eos_token": "</s>", "messages": [
            {"role": "user", "name": "user", "content": "user"},
            {"role": "im_end", "content": ""}]})");
    QVERIFY2(rendered, rendered ? "" : rendered.error().message.c_str());
    // A role of another name would write what it likes between the template's bars.
    QCOMPARE(marked(*rendered), "<s><|user|>«useruser»</s><|«im_end»|></s>");
}

void TextOriginTest::text_countsItsBorders() {
    using sotto::jinja::Origin;
    sotto::jinja::OriginText text("ab", Origin::Caller);
    text.append("cd", Origin::Caller);
    text.append("", Origin::Template);
    text.append("ef");
    text.append("gh", Origin::Caller);
    const std::vector<sotto::TextSpan> expected{{0, 4}, {6, 8}};
    QVERIFY(text.callerSpans() == expected);
    const std::string_view bytes = text.bytes();
    for (std::size_t start = 0; start <= bytes.size(); ++start) {
        for (std::size_t end = start; end <= bytes.size(); ++end) {
            const auto part = text.slice(bytes.substr(start, end - start));
            QCOMPARE(part.bytes(), std::string(bytes.substr(start, end - start)));
            for (std::size_t at = start; at < end; ++at) {
                QVERIFY(part.originAt(at - start) == text.originAt(at));
            }
        }
    }
}

void TextOriginTest::realTemplate_tellsEveryCharacterOfItsMessages() {
    std::ifstream lines(templateFolder() / "goldens.jsonl");
    if (!lines) QSKIP("no ../shared/data/templates/goldens.jsonl: set SOTTO_SHARED");
    int nRendered = 0;
    for (std::string line; std::getline(lines, line);) {
        Json row = Json::parse(line);
        if (row.contains("error") || row["context"].contains("tools")) continue;
        widenMessages(row["context"]["messages"]);
        const auto name = row["template"].get<std::string>();
        const std::string source = readFile(templateFolder() / name);
        // Some write full width themselves (DeepSeek's bars): they are no caller's.
        if (source.find("\xEF\xBD") != std::string::npos) continue;
        const auto rendered = render(source, row["context"].dump());
        if (!rendered) continue;  // a content that had to be something else than letters
        ++nRendered;
        const std::string difference = firstDifference(*rendered, false);
        QVERIFY2(difference.empty(), (name + ": " + difference).c_str());
    }
    QVERIFY(nRendered > 500);
}

namespace {

// An expression of random operations over the caller's and the template's texts.
std::string randomExpression(std::mt19937& random, int depth) {
    const auto pick = [&random](std::initializer_list<const char*> choices) {
        return std::string(choices.begin()[random() % choices.size()]);
    };
    const auto inner = [&] { return randomExpression(random, depth - 1); };
    if (depth == 0)
        return pick({"s", "t", "'<|b|>'", "'Cd e'", "list[0]", "'x-y'", "d.k", "s[1:]"});
    switch (random() % 9) {
        case 0: return "(" + inner() + " + " + inner() + ")";
        case 1: return "(" + inner() + " ~ " + inner() + ")";
        case 2:
            return "(" + inner() + ")" +
                   pick({".upper()", ".lower()", ".title()", ".strip()", ".swapcase()",
                         ".capitalize()", "[1:]", "[::-1]", "[:-1]", "[-3:]", "[::2]"});
        case 3:
            return "(" + inner() + "|" +
                   pick({"trim", "upper", "title", "e", "string", "reverse", "indent", "capitalize",
                         "truncate(9, true, '_', 0)", "center(12)", "safe", "striptags"}) +
                   ")";
        case 4: return "(" + inner() + ").replace('-', " + inner() + ", 3)";
        case 5: return "[" + inner() + ", " + inner() + "]|join(" + inner() + ")";
        case 6: return "('{}' ~ '|{:>9}').format(" + inner() + ", " + inner() + ")";
        case 7: return "('%s+%7s' % (" + inner() + ", " + inner() + "))";
        default: return "(" + inner() + ").split(" + pick({"'-'", "' '", "'ｂ'"}) + ")|join('/')";
    }
}

}  // namespace

void TextOriginTest::randomProgram_tellsEveryCharacter() {
    const Json context{{"s", fullWidth("aB-cde")},
                       {"t", fullWidth("Xy")},
                       {"list", {fullWidth("pq")}},
                       {"d", {{"k", fullWidth("vW")}}}};
    int nRendered = 0;
    for (unsigned seed = 0; seed < 5000; ++seed) {
        std::mt19937 random(seed);
        const std::string expression = randomExpression(random, 1 + static_cast<int>(seed % 4));
        const auto rendered =
            render("{% set x = " + expression + " %}{% set y %}({{ x }}){% endset %}{{ y }}",
                   context.dump());
        if (!rendered) continue;  // {} of the caller's in a format and the like
        ++nRendered;
        const std::string difference = firstDifference(*rendered, true);
        QVERIFY2(difference.empty(), (expression + ": " + difference).c_str());
    }
    QVERIFY(nRendered > 4000);
}

QTEST_APPLESS_MAIN(TextOriginTest)
#include "text_origin_test.moc"
