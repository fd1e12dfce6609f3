// Model cards: what of a README.md is shown, however it was written, and how the hub is asked.
#include <QAbstractItemModelTester>

#include "app/chat/markdown_blocks.h"
#include "app/hub/card_text.h"
#include "tests/app/hub/hub_fixture.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;

namespace {

constexpr const char* kCardPath = "/acme/tiny-GGUF/resolve/main/README.md";

// All that a reader sees of the card.
QString textOf(BlockListModel& blocks) {
    QStringList texts;
    for (int row = 0; row < blocks.rowCount(); ++row)
        texts.append(blocks.data(blocks.index(row), BlockListModel::TextRole).toString());
    return texts.join(QLatin1Char('\n'));
}

int cardRequests(HubRepository& repository) {
    int nRequests = 0;
    for (const ServedRequest& request : repository.hub().requests())
        if (request.path() == kCardPath) ++nRequests;
    return nRequests;
}

HubRepository::Bend cardIs(Reply reply) {
    return [reply = std::move(reply)](const ServedRequest& request) -> std::optional<Reply> {
        if (request.path() != kCardPath) return std::nullopt;
        return reply;
    };
}

// With the hub's only model open.
HubCard* openCard(HubFixture& fixture) {
    HubFilesModel* files = fixture.openOnly();
    if (files == nullptr) return nullptr;
    files->openCard();
    return fixture.controller->card();
}

}  // namespace

class HubCardTest : public QObject {
    Q_OBJECT

private slots:
    void cardText_data() {
        QTest::addColumn<QByteArray>("readme");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const char* readme, const char* expected) {
            QTest::newRow(name) << QByteArray(readme) << QString::fromUtf8(expected);
        };
        row("plain", "# Tiny\n\nText", "# Tiny\n\nText");
        row("front matter", "---\nlicense: mit\ntags:\n- a\n---\n# Tiny", "# Tiny");
        row("front matter of Windows", "---\r\nlicense: mit\r\n---\r\n# Tiny\r\n", "# Tiny");
        row("a rule is no front matter", "---\nText without an end", "---\nText without an end");
        row("only front matter", "---\nlicense: mit\n---", "");
        row("a longer rule ends nothing", "---\na: b\n----\nText", "---\na: b\n----\nText");
        row("comment", "a <!-- hidden --> b", "a  b");
        row("comment without an end", "a <!-- shown", "a <!-- shown");
        row("picture", "<img src=\"https://x.example/p.png\" alt=\"A *chart*\">", "A \\*chart\\*");
        row("picture without words", "a <img src=p.png> b", "a  b");
        row("link", "<a href='https://x.example/?a=1&amp;b=2'>here</a>",
            "[here](<https://x.example/?a=1&amp;b=2>)");
        row("link without a target", "<a name=\"top\"></a>text", "text");
        row("link that would break out", "<a href=\"https://x.example/>](b)\">here</a>", "here");
        row("division, set in", "<div align=\"center\">\n    <p>Words</p>\n</div>\n\nMore",
            "Words\n\nMore");
        row("heading", "<h2 id=x>Title</h2>\nText", "## Title\n\nText");
        row("list", "<ul><li>one</li><li>two</li></ul>", "- one\n- two");
        row("script", "a <script>alert(1)</script> b", "a  b");
        row("code stays", "```html\n<div>x</div>\n```\n`<img alt=y>` <div>z</div>",
            "```html\n<div>x</div>\n```\n`<img alt=y>`\n\nz");
        row("code in a folded part stays",
            "<details>\n  ```html\n<div>x</div>\n```\n</details>\nMore",
            "```html\n<div>x</div>\n```\n\nMore");
        row("words end no code", "```\n```python\n<div>x</div>\n```\n<div>z</div>",
            "```\n```python\n<div>x</div>\n```\n\nz");
        row("a span of three marks is no fence", "```<div>x</div>```\n<div>z</div>",
            "```<div>x</div>```\n\nz");
        row("tags that are none of HTML stay", "Use <think> and <|im_start|>, 1 < 2",
            "Use <think> and <|im_start|>, 1 < 2");
        row("escaped", "\\<div>", "\\<div>");
        row("no tag at all", "a <div b", "a <div b");
    }
    void cardText() {
        QFETCH(QByteArray, readme);
        QFETCH(QString, expected);
        QString text = cardMarkdown(readme.toStdString());
        // How many empty lines stand between paragraphs says nothing.
        while (text.contains(QLatin1String("\n\n\n")))
            text.replace(QLatin1String("\n\n\n"), QLatin1String("\n\n"));
        QCOMPARE(text, expected);
    }

    // What never ends, each piece looking for its end: quadratic work would take hours. Those that
    // look by one fast search to the end of the text are given 16 times as much, 256 times the
    // work.
    void hostileText_isReadInLinearTime() {
        constexpr std::size_t kHalfMegabyte = 500'000;
        const std::pair<const char*, std::size_t> kTexts[] = {
            {"<a \"", kHalfMegabyte},         {"<!--", 16 * kHalfMegabyte},
            {"<script>", 16 * kHalfMegabyte}, {"`", kHalfMegabyte},
            {"``` ", kHalfMegabyte},          {"<img alt='", kHalfMegabyte},
            {"<a href=x>", kHalfMegabyte},    {"<a <b ", kHalfMegabyte}};
        for (const auto& [piece, nBytes] : kTexts) {
            std::string readme;
            while (readme.size() < nBytes) readme += piece;
            QVERIFY(!cardMarkdown(readme).contains(QLatin1String("](<x>)")));
        }
        QCOMPARE(cardMarkdown(std::string("a\xff\xfe z")),
                 QString::fromUtf8("a\xEF\xBF\xBD\xEF\xBF\xBD z"));
    }

    void aCard_isReadOnceSomebodyOpensIt() {
        HubFixture fixture;
        fixture.repository.add(
            "README.md",
            "---\nlicense: mit\n---\n# Tiny\n\n<div>![A chart](https://x.example/a.png) "
            "<b>bold</b></div>\n\n[link](https://x.example) [no](javascript:alert(1))\n",
            false);
        QVERIFY(fixture.openOnly() != nullptr);
        QCOMPARE(cardRequests(fixture.repository), 0);
        HubCard& card = *fixture.controller->card();
        QAbstractItemModelTester tester(card.blocks());
        QCOMPARE(card.state(), HubCard::Closed);
        fixture.of(fixture.search(), 0, HubSearchModel::FilesRole)
            .value<HubFilesModel*>()
            ->openCard();
        QCOMPARE(card.state(), HubCard::Reading);
        QTRY_COMPARE(card.state(), HubCard::Ready);
        QCOMPARE(cardRequests(fixture.repository), 1);
        QCOMPARE(card.repository(), QStringLiteral("acme/tiny-GGUF"));
        QCOMPARE(textOf(*card.blocks()), QStringLiteral("Tiny\nA chart bold\nlink no"));
        // No target but that of the web, and none of the picture.
        QStringList targets;
        for (int row = 0; row < card.blocks()->rowCount(); ++row)
            for (const InlineSpan& span : card.blocks()->block(row).content.spans)
                if (!span.target.isEmpty()) targets.append(span.target);
        QCOMPARE(targets, QStringList{QStringLiteral("https://x.example")});
        QVERIFY(card.isWhole());
        card.close();
        QCOMPARE(card.state(), HubCard::Closed);
        QCOMPARE(card.blocks()->rowCount(), 0);
    }

    void noCard_isSaid() {
        HubFixture fixture;
        HubCard* card = openCard(fixture);
        QVERIFY(card != nullptr);
        QTRY_COMPARE(card->state(), HubCard::None);
    }

    void anEmptyCard_isNone() {
        HubFixture fixture;
        fixture.repository.add("README.md", "---\nlicense: mit\n---\n", false);
        HubCard* card = openCard(fixture);
        QVERIFY(card != nullptr);
        QTRY_COMPARE(card->state(), HubCard::None);
    }

    void aFailure_isSaidAndTriedAgain() {
        HubFixture fixture;
        fixture.repository.add("README.md", "# Tiny", false);
        fixture.repository.bendHub(cardIs({.status = 500}));
        HubCard* card = openCard(fixture);
        QVERIFY(card != nullptr);
        QTRY_COMPARE(card->state(), HubCard::Failed);
        QVERIFY(!card->problem().isEmpty());
        fixture.repository.bendHub({});
        card->read();
        QTRY_COMPARE(card->state(), HubCard::Ready);
    }

    void aCardWithoutEnd_isCut() {
        HubFixture fixture;
        fixture.repository.bendHub(cardIs({.body = "word word word word\n\n", .isEndless = true}));
        HubCard* card = openCard(fixture);
        QVERIFY(card != nullptr);
        QTRY_COMPARE_WITH_TIMEOUT(card->state(), HubCard::Ready, 30'000);
        QVERIFY(!card->isWhole());
    }

    // Sent to freeze the window: so many paragraphs, items or rules that it could not be drawn.
    void aCardOfManyBlocks_isCut_data() {
        QTest::addColumn<QByteArray>("piece");
        QTest::newRow("paragraphs") << QByteArray("a\n\n");
        QTest::newRow("items") << QByteArray("- a\n");
        QTest::newRow("rules") << QByteArray("---\n\n");
    }
    void aCardOfManyBlocks_isCut() {
        QFETCH(QByteArray, piece);
        HubFixture fixture;
        fixture.repository.add(
            "README.md", "# Tiny\n" + piece.repeated(200'000 / piece.size()).toStdString(), false);
        HubCard* card = openCard(fixture);
        QVERIFY(card != nullptr);
        QTRY_COMPARE_WITH_TIMEOUT(card->state(), HubCard::Ready, 30'000);
        QVERIFY(card->blocks()->rowCount() > 100);
        QVERIFY(card->blocks()->rowCount() <= kMostCardBlocks);
        QVERIFY(!card->isWhole());
    }

    // A keyring answers behind the question.
    void aCardThatWasRefused_isReadWithTheToken() {
        HubFixture fixture;
        fixture.repository.bendHub([](const ServedRequest& request) -> std::optional<Reply> {
            if (request.path() != kCardPath) return std::nullopt;
            if (!request.header("Authorization").empty()) return Reply{.body = "# Tiny"};
            return Reply{.status = 401}.with("X-Error-Code", "GatedRepo");
        });
        HubCard* card = openCard(fixture);
        QVERIFY(card != nullptr);
        QTRY_COMPARE(card->state(), HubCard::Failed);
        QVERIFY(fixture.hub->setToken("hf_OfThisTest").has_value());
        fixture.controller->askRefusedAgain();
        QTRY_COMPARE(card->state(), HubCard::Ready);
    }

    // What is closed is not waited for, and nothing comes of it.
    void closing_endsTheRequest_data() {
        QTest::addColumn<bool>("isResultClosed");
        QTest::newRow("the card") << false;
        QTest::newRow("its result") << true;
    }
    void closing_endsTheRequest() {
        QFETCH(bool, isResultClosed);
        HubFixture fixture;
        fixture.repository.bendHub(cardIs({.body = "# Tiny", .holdsAfter = 3}));
        HubCard* card = openCard(fixture);
        QVERIFY(card != nullptr);
        QTRY_COMPARE(cardRequests(fixture.repository), 1);
        if (isResultClosed)
            fixture.search().toggle(0);
        else
            card->close();
        QCOMPARE(card->state(), HubCard::Closed);
        fixture.repository.hub().release();
        // Asked behind it, and so answered behind it.
        fixture.search().search();
        QTRY_COMPARE(fixture.search().state(), HubSearchModel::Found);
        QCOMPARE(card->state(), HubCard::Closed);
        QCOMPARE(card->blocks()->rowCount(), 0);
    }
};

QTEST_GUILESS_MAIN(HubCardTest)
#include "hub_card_test.moc"
