// A run as it is kept: written, read again, and told to a person.
#include "app/core/compare/comparison_report.h"

#include <QTest>

using namespace sotto;
using namespace sotto::app;

namespace {

ReportColumn column(const char* type, std::int32_t lastId, const char* last, float probability) {
    ReportColumn column;
    column.name = "Qwen3 4B";
    column.quantization = type;
    column.path = std::string("/") + type + ".gguf";
    column.fileBytes = 4'280'000'000;
    column.memoryBytes = 5'210'000'000;
    column.isOnCard = true;
    column.bitsPerWeight = 8.5;
    ComparedColumn& result = column.result;
    result.load.path = column.path;
    result.state = ColumnState::Done;
    result.info.emplace();
    result.info->tokenizer = "bpe (qwen2), 151936 pieces";
    result.info->nVocab = 151936;
    result.answer.text = std::string("It is ") + last;
    result.answer.tokens = {{7, 0.75f, "It", {0, 2}},
                            {8, 0.5f, " is", {2, 5}},
                            {lastId, probability, last, {5, result.answer.text.size()}}};
    result.answer.isOver = result.answer.isEnded = true;
    result.stats.tokensPerSecond = 184;
    result.stats.ttftMs = 48;
    result.stats.bytesPerStep = 4.3e9;
    result.stats.mbu = 0.79;
    result.stats.promptTokens = 27;
    result.readBandwidthGbS = 1008;
    result.joulesPerToken = 0.9;
    return column;
}

ComparisonReport someReport() {
    ComparisonReport report;
    report.prompt = "Why is the sky blue?";
    report.maxTokens = 512;
    report.seed = 1;
    report.columns = {column("F16", 9, "away", 0.46f), column("Q8_0", 10, "out", 0.45f)};
    return report;
}

}  // namespace

class ComparisonReportTest : public QObject {
    Q_OBJECT

private slots:
    void json_isReadAgain() {
        ComparisonReport report = someReport();
        report.columns.push_back(column("Q2_K", 11, "", 0));
        report.columns[2].result.state = ColumnState::Failed;
        report.columns[2].result.error =
            Error{ErrorCode::OutOfMemory, "It does not fit.", "q2", 5, 4};
        report.columns[1].forced = ForcedReading{3, {{2, 0.46f, " out", 0.45f}}};
        report.text = LossText{LossSource::File, "notes.md", false, 512, 4096, 12.5};
        for (ReportColumn& one : report.columns) {
            one.loss.emplace();
            one.loss->perplexity = 13.75;
        }
        report.columns[1].loss->hasKl = true;
        report.columns[1].loss->klP99 = 0.0625;
        const auto read = readReport(reportJson(report));
        QVERIFY(read);
        QVERIFY(read->text && read->text->source == LossSource::File);
        QCOMPARE(read->text->name, std::string("notes.md"));
        QVERIFY(read->columns[1].loss->hasKl && !read->columns[0].loss->hasKl);
        QCOMPARE(read->columns[1].loss->klP99, 0.0625);
        QVERIFY(read->columns[1].forced == report.columns[1].forced);
        QVERIFY(!read->columns[0].forced);
        // Written again it is the same text: nothing was lost on the way.
        QCOMPARE(reportJson(*read), reportJson(report));
        QCOMPARE(read->columns[2].result.error->message, std::string("It does not fit."));
        const AnswerDifference difference =
            differenceOf(read->columns[0].result, read->columns[1].result);
        QVERIFY(difference.isThere && !difference.isByText);
        QCOMPARE(difference.index, std::size_t(2));
        QCOMPARE(difference.probability, 0.45f);
        QCOMPARE(speedLimit(read->columns[0].result), 1008e9 / 4.3e9);
    }
    void whatIsNoReport_isRefused_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("no object") << QByteArray("[1]");
        QTest::newRow("no columns") << QByteArray("{\"format\":1,\"columns\":[]}");
        QTest::newRow("of a later program") << QByteArray("{\"format\":2,\"columns\":[{}]}");
        QTest::newRow("cut") << QByteArray::fromStdString(reportJson(someReport()).substr(0, 400));
    }
    void whatIsNoReport_isRefused() {
        QFETCH(QByteArray, text);
        const auto read = readReport(text.toStdString());
        QVERIFY(!read);
        QCOMPARE(read.error().code, ErrorCode::FileDamaged);
    }
    // Bounds of another text are none of this one.
    void spansBeyondTheText_areDropped() {
        std::string json = reportJson(someReport());
        const std::string text = "\"text\": \"It is away\"";
        const auto at = json.find(text);
        QVERIFY(at != std::string::npos);
        json.replace(at, text.size(), "\"text\": \"It\"");
        const auto read = readReport(json);
        QVERIFY(read);
        for (const WrittenToken& token : read->columns[0].result.answer.tokens)
            QVERIFY(token.text.end <= 2);
        differenceOf(read->columns[0].result, read->columns[1].result);
        reportMarkdown(*read);
    }
    void markdown_saysWhereAnswersPart() {
        const std::string text = reportMarkdown(someReport());
        const auto has = [&text](const char* part) { return text.find(part) != std::string::npos; };
        QVERIFY(has("Why is the sky blue?"));
        QVERIFY(has("greedy, at most 512 tokens"));
        QVERIFY(has("| Qwen3 4B Q8_0 | 4.28 GB | 184.0 | 234 | 79 % | 48 ms | 4.85 GiB |"));
        QVERIFY(has("From token 3: \"out\" 0.45, reference \"away\" 0.46."));
        ComparisonReport forced = someReport();
        forced.columns[1].forced = ForcedReading{3, {{2, 0.46f, " out", 0.45f}}};
        QVERIFY(reportMarkdown(forced).find(
                    "Given the reference's answer to read, it would have gone another way at 1 of "
                    "3 tokens: \"out\" 0.45 for \"away\" 0.46.") != std::string::npos);
        ComparisonReport measured = someReport();
        measured.text = LossText{LossSource::Chat, {}, false, 512, 4096, 12.5};
        measured.columns[1].loss.emplace();
        measured.columns[1].loss->hasKl = true;
        measured.columns[1].loss->klMean = 0.0231;
        measured.columns[1].loss->top1Agreement = 0.942;
        const std::string losses = reportMarkdown(measured);
        QVERIFY(losses.find("On a chat: 4096 tokens in chunks of 512") != std::string::npos);
        QVERIFY(losses.find("| Qwen3 4B Q8_0 | 94.20 % | 0.023100 |") != std::string::npos);
        ComparisonReport fenced = someReport();
        fenced.prompt = "```\ncode\n```";
        QVERIFY(reportMarkdown(fenced).find("````\n```\ncode\n```\n````") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(ComparisonReportTest)
#include "comparison_report_test.moc"
