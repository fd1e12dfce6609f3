// `sotto-cli compare`: rows that scripts rely on, plain words for people, and one sentence for what
// cannot be compared.
#include <QXmlStreamReader>
#include <QtTest>
#include <algorithm>

#include "tests/app/cli/cli_process.h"
#include "tests/support/golden_files.h"

using namespace sotto::test;

class CliCompareTest : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void rows_haveWhatScriptsRelyOn();
    void text_beginsWithPlainWords();
    void ownText_isRead();
    void answers_differFromTheirFirstOtherToken();
    void builtInText_isTheDefault();
    void otherVocabulary_isComparedByText();
    void questions_areCounted();
    void table_isMarkdownOrCsv();
    void table_isAPicture();
    void stoppedTable_goesOnWhereItWas();
    void badInput_isStatus1();
    void oneModel_isWrongUsage();

private:
    CliFolder m_folder;
    QString m_q4, m_other, m_text;

    QStringList compare(const QString& other, const QStringList& more = {}) const {
        QStringList arguments{
            "compare", m_folder.model(), other, "--text",    m_text, "--ctx", "32", "--chunks",
            "3",       "--device",       "cpu", "--threads", "2",    "-n",    "12"};
        return arguments + more;
    }
};

void CliCompareTest::initTestCase() {
    QVERIFY(m_folder.isMade());
    m_q4 = m_folder.path("q4.gguf");
    QCOMPARE(runCli({"quantize", m_folder.model(), m_q4, "Q4_0"}).status, 0);
    TinyModel model;
    model.seed = 2;
    m_other = m_folder.path("other.gguf");
    QVERIFY(writeTinyModel(model, m_other.toStdString()));
    QByteArray text;
    for (int line = 0; line < 40; ++line) text += "the cat sat on the mat and the dog ran. ";
    m_text = m_folder.write("text.txt", text);
}

void CliCompareTest::rows_haveWhatScriptsRelyOn() {
    const CliResult result = runCli(compare(m_q4, {"--json"}));
    QVERIFY2(result.status == 0, result.err.constData());
    QCOMPARE(result.err, QByteArray());
    const auto json = result.json();
    QCOMPARE(json["chunk_tokens"].get<int>(), 32);
    QCOMPARE(json["text"].get<std::string>(), std::string("text.txt"));
    QCOMPARE(json["rows"].size(), std::size_t{2});
    const auto reference = json["rows"][0], row = json["rows"][1];
    for (const char* key :
         {"model", "bytes", "bits_per_weight", "kl", "top1_agreement", "perplexity_ratio",
          "first_difference", "tokens_per_s", "memory_bytes"}) {
        QVERIFY2(reference.contains(key), key);
        QVERIFY2(row.contains(key), key);
    }
    QVERIFY(reference["kl"].is_null() && reference["top1_agreement"].is_null());
    QVERIFY(reference["perplexity"].get<double>() > 1);
    QCOMPARE(row["model"].get<std::string>(), m_q4.toStdString());
    QCOMPARE(row["bytes"].get<qint64>(), QFileInfo(m_q4).size());
    QVERIFY(row["bits_per_weight"].get<double>() < reference["bits_per_weight"].get<double>());
    for (const char* key : {"mean", "error", "median", "p99", "max"})
        QVERIFY2(row["kl"][key].get<double>() > 0, key);
    QVERIFY(row["kl"]["p99"].get<double>() <= row["kl"]["max"].get<double>());
    const double agreement = row["top1_agreement"].get<double>();
    QVERIFY(agreement > 0 && agreement <= 1);
    QCOMPARE(row["tokens"].get<int>(), 3 * 15);
    const double ratio = row["perplexity"].get<double>() / reference["perplexity"].get<double>();
    QVERIFY(std::abs(row["perplexity_ratio"].get<double>() - ratio) < 1e-9);
    QVERIFY(row["tokens_per_s"].get<double>() > 0);
    QVERIFY(row["memory_bytes"].get<qint64>() < reference["memory_bytes"].get<qint64>());
    QCOMPARE(row["prompts"].get<int>(), 2);
}

void CliCompareTest::text_beginsWithPlainWords() {
    const CliResult result = runCli(compare(m_q4));
    QVERIFY2(result.status == 0, result.err.constData());
    const QList<QByteArray> lines = result.out.split('\n');
    QCOMPARE(lines[0], QByteArray("Against tiny.gguf:"));
    QVERIFY2(lines[1].startsWith("q4.gguf: ") && lines[1].contains(" % same next word, "),
             lines[1].constData());
    QVERIFY(lines[1].endsWith(" less"));
    QVERIFY(result.out.contains("text.txt, chunks of 32 tokens, 45 scored"));
}

void CliCompareTest::ownText_isRead() {
    QByteArray text;
    for (int line = 0; line < 40; ++line) text += "and the dog ran to the mat with a cat. ";
    const QString other = m_folder.write("own.txt", text);
    QStringList arguments = compare(m_q4, {"--json"});
    const auto before = runCli(arguments).json();
    arguments[arguments.indexOf(m_text)] = other;
    const auto after = runCli(arguments).json();
    QVERIFY(before["rows"][0]["perplexity"] != after["rows"][0]["perplexity"]);
}

void CliCompareTest::answers_differFromTheirFirstOtherToken() {
    const QString prompts = m_folder.write("prompts.txt", "the cat\r\n\n  \nthe dog ran\n");
    const CliResult same = runCli(compare(m_folder.model(), {"--json", "--prompts", prompts}));
    QVERIFY2(same.status == 0, same.err.constData());
    const auto copy = same.json()["rows"][1];
    QVERIFY(copy["first_difference"].is_null());
    QCOMPARE(copy["same_answers"].get<int>(), 2);
    QCOMPARE(copy["kl"]["max"].get<double>(), 0.0);
    QCOMPARE(copy["perplexity_ratio"].get<double>(), 1.0);

    // Other random weights: the first token is the same by chance alone, one in 320.
    const auto row = runCli(compare(m_other, {"--json", "--prompts", prompts})).json()["rows"][1];
    const auto first = row["first_difference"];
    QVERIFY(!first.is_null());
    QCOMPARE(first["prompt"].get<int>(), 0);
    QVERIFY(!first["by_text"].get<bool>());
    QVERIFY(first["text"] != first["reference_text"]);
    for (const char* key : {"probability", "reference_probability"})
        QVERIFY(first[key].get<double>() > 0 && first[key].get<double>() <= 1);
    // What it is from that prompt on, the model says by itself.
    const auto alone = runCli({"generate", m_other, "-p", "the cat", "-n", "12", "--temp", "0",
                               "--json", "--device", "cpu", "--threads", "2"})
                           .json();
    const auto reference = runCli({"generate", m_folder.model(), "-p", "the cat", "-n", "12",
                                   "--temp", "0", "--json", "--device", "cpu", "--threads", "2"})
                               .json();
    const auto own = alone["ids"].get<std::vector<int>>();
    const auto theirs = reference["ids"].get<std::vector<int>>();
    const auto differing = std::mismatch(own.begin(), own.end(), theirs.begin(), theirs.end());
    QCOMPARE(first["token"].get<std::ptrdiff_t>(), differing.first - own.begin());
}

void CliCompareTest::builtInText_isTheDefault() {
    const CliResult result = runCli({"compare", m_folder.model(), m_q4, "--ctx", "64", "--chunks",
                                     "2", "-n", "4", "--device", "cpu", "--json"});
    QVERIFY2(result.status == 0, result.err.constData());
    QCOMPARE(result.json()["text"].get<std::string>(), std::string("evaluation_text.txt"));
    const CliResult measured = runCli({"imatrix", m_folder.model(), "-o", m_folder.path("i.gguf"),
                                       "--ctx", "64", "--chunks", "2", "--json"});
    QVERIFY2(measured.status == 0, measured.err.constData());
    QCOMPARE(measured.json()["tokens"].get<int>(), 128);
}

// The same pieces, but texts begin without BOS.
void CliCompareTest::otherVocabulary_isComparedByText() {
    std::vector<std::byte> bytes = readBytes(m_folder.model().toStdString());
    const std::string_view key = "tokenizer.ggml.add_bos_token";
    const auto found = std::search(bytes.begin(), bytes.end(), key.begin(), key.end(),
                                   [](std::byte left, char right) { return char(left) == right; });
    QVERIFY(found != bytes.end());
    *(found + static_cast<std::ptrdiff_t>(key.size() + sizeof(std::uint32_t))) = std::byte{0};
    const QString foreign = m_folder.path("foreign.gguf");
    QVERIFY(writeBytes(foreign.toStdString(), bytes));
    QStringList arguments = compare(foreign, {"--json"});
    arguments.insert(2, m_q4);  // becomes the second of three
    const CliResult result = runCli(arguments);
    QVERIFY2(result.status == 0, result.err.constData());
    QVERIFY2(result.isOneLineError() && result.err.contains("text only"), result.err.constData());
    const auto rows = result.json()["rows"];
    QCOMPARE(rows.size(), std::size_t{3});
    QVERIFY(rows[2]["kl"].is_null() && rows[2]["perplexity_ratio"].is_null());
    QVERIFY(!rows[1]["kl"].is_null());
    QVERIFY(rows[2]["tokens_per_s"].get<double>() > 0);
    const CliResult text = runCli(compare(foreign));
    QVERIFY2(text.out.contains("compared by text only"), text.out.constData());
}

void CliCompareTest::questions_areCounted() {
    const QString set = m_folder.write("set.jsonl",
                                       "{\"question\": \"the cat?\", \"choices\": [\"a\", \"b\"], "
                                       "\"answer\": 0}\n"
                                       "{\"question\": \"the cat?\", \"choices\": [\"a\", \"b\"], "
                                       "\"answer\": 1}\n");
    const CliResult result = runCli(compare(m_q4, {"--json", "--questions", set}));
    QVERIFY2(result.status == 0, result.err.constData());
    for (const auto& row : result.json()["rows"]) {
        // The same question twice with either answer: one of them is right.
        QCOMPARE(row["accuracy"].get<double>(), 0.5);
        QCOMPARE(row["questions"].get<int>(), 2);
        QVERIFY(row["accuracy_interval"][0].get<double>() < 0.5);
        QVERIFY(row["accuracy_interval"][1].get<double>() > 0.5);
        QCOMPARE(row["lost"].get<int>(), row["won"].get<int>());
    }
    const CliResult builtIn = runCli(compare(m_q4, {"--questions", "builtin"}));
    QVERIFY2(builtIn.status == 0, builtIn.err.constData());
    QVERIFY(builtIn.out.contains("% right (95 %)"));
    const QString bad = m_folder.write("bad.jsonl", "{}\n");
    const CliResult refused = runCli(compare(m_q4, {"--questions", bad}));
    QCOMPARE(refused.status, 1);
    QVERIFY2(refused.isOneLineError() && refused.err.contains("Line 1"), refused.err.constData());
}

void CliCompareTest::table_isMarkdownOrCsv() {
    // The tiny model reads 256 tokens.
    for (const char* name : {"table.md", "table.csv"}) {
        const QString table = m_folder.path(name);
        const CliResult result =
            runCli(compare(m_q4, {"--table", table, "--depths", "32,8192", "--json"}));
        QVERIFY2(result.status == 0, result.err.constData());
        const auto speeds = result.json()["rows"][1]["speeds"];
        QCOMPARE(speeds.size(), std::size_t{2});
        for (const char* key : {"prompt_tokens_per_s", "tokens_per_s", "memory_bytes"}) {
            QVERIFY2(speeds[0][key].get<double>() > 0, key);
            QVERIFY2(speeds[1][key].is_null(), key);
        }
        QFile file(table);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QList<QByteArray> lines = file.readAll().split('\n');
        const bool isCsv = table.endsWith(".csv");
        const char mark = isCsv ? ',' : '|';
        const auto nMarks = lines[0].count(mark);
        QVERIFY(nMarks >= 20);
        QVERIFY2(lines[0].contains("at 32"), lines[0].constData());
        QCOMPARE(lines[isCsv ? 1 : 2].count(mark), nMarks);
        QVERIFY2(lines[isCsv ? 2 : 3].contains("q4.gguf"), lines[2].constData());
        QVERIFY2(lines[isCsv ? 2 : 3].contains("Q4_0"), lines[2].constData());
        QVERIFY(!QFile::exists(table + ".compare-part"));
    }
}

// Valid XML whatever a file is called, with a bar for what was measured of each model.
void CliCompareTest::table_isAPicture() {
    const QString odd = m_folder.path("a<b>&\"c\".gguf"), table = m_folder.path("table.svg");
    QVERIFY(QFile::copy(m_q4, odd));
    const QString questions =
        m_folder.write("two.jsonl",
                       "{\"question\":\"the cat\",\"choices\":[\"sat\",\"ran\"],\"answer\":0}\n"
                       "{\"question\":\"the dog\",\"choices\":[\"sat\",\"ran\"],\"answer\":1}\n");
    const CliResult result = runCli(
        compare(odd, {"--table", table, "--depths", "32", "--questions", questions, "--json"}));
    QVERIFY2(result.status == 0, result.err.constData());
    QFile file(table);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QXmlStreamReader xml(&file);
    QStringList texts;
    int nBars = 0;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement) continue;
        if (xml.name() == QLatin1String("text")) texts.append(xml.readElementText());
        if (xml.name() == QLatin1String("rect")) ++nBars;
    }
    QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
    QVERIFY2(texts.contains("a<b>&\"c\".gguf"), qPrintable(texts.join("|")));
    for (const char* text :
         {"file size, GB", "reference", "right answers, % (95 % interval)", "writing, tokens/s"})
        QVERIFY2(texts.contains(text), qPrintable(text + (": " + texts.join("|"))));
    const double kl = result.json()["rows"][1]["kl"]["mean"].get<double>();
    QVERIFY2(texts.contains(QString::number(kl, 'g', 4)), qPrintable(texts.join("|")));
    // The page, a line above each row, a track for each figure, and a fill for each that is more
    // than nothing.
    QVERIFY(nBars >= 1 + 2 + 8 + 5);
}

// What was kept is not done again: the second call takes the figure that stands in the file.
void CliCompareTest::stoppedTable_goesOnWhereItWas() {
    const QString table = m_folder.path("kept.md"), part = table + ".compare-part";
    const QStringList arguments =
        compare(m_q4, {"--table", table, "--depths", "32", "--json", "--prompts",
                       m_folder.write("one.txt", "the cat")});
    // A model that cannot be loaded ends the work behind the first pieces.
    const QString damaged = m_folder.path("damaged.gguf");
    QVERIFY(QFile::copy(m_q4, damaged));
    {
        QFile file(damaged);
        QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(file.size() - 4096));
        file.write(QByteArray(4096, '\xff'));
    }
    QStringList stopping = arguments;
    stopping.insert(3, damaged);
    const CliResult stopped = runCli(stopping);
    QCOMPARE(stopped.status, 1);
    QVERIFY(!QFile::exists(table));
    QVERIFY(QFile::exists(part));
    QFile kept(part);
    QVERIFY(kept.open(QIODevice::ReadWrite));
    auto json = nlohmann::json::parse(kept.readAll().toStdString());
    QCOMPARE(json["pieces"].size(), std::size_t{1});
    for (auto& piece : json["pieces"]) piece[1]["figures"][0] = 12.5;
    kept.resize(0);
    kept.write(QByteArray::fromStdString(json.dump()));
    kept.close();
    const CliResult result = runCli(arguments);
    QVERIFY2(result.status == 0, result.err.constData());
    QCOMPARE(result.json()["rows"][1]["perplexity"].get<double>(), 12.5);
    QVERIFY(QFile::exists(table) && !QFile::exists(part));
    // Another setting is another piece of work, and a stranger's file is left alone.
    const QByteArray strange = "{\"format\": \"other\"}";
    m_folder.write("kept.md.compare-part", strange);
    const CliResult refused = runCli(arguments);
    QCOMPARE(refused.status, 1);
    QVERIFY2(refused.isOneLineError() && refused.err.contains("in the way"),
             refused.err.constData());
    QVERIFY(kept.open(QIODevice::ReadOnly));
    QCOMPARE(kept.readAll(), strange);
}

void CliCompareTest::badInput_isStatus1() {
    const auto verifyFailure = [](const QStringList& arguments, const char* said) {
        const CliResult result = runCli(arguments);
        QCOMPARE(result.status, 1);
        QVERIFY2(result.isOneLineError(), result.err.constData());
        QVERIFY2(result.err.contains(said), result.err.constData());
    };
    verifyFailure(compare(m_folder.path("none.gguf")), "none.gguf");
    verifyFailure(compare(m_q4, {"--prompts", m_folder.path("none.txt")}), "none.txt");
    const QString prompts = m_folder.write("prompts.md", "the cat");
    verifyFailure(compare(m_q4, {"--prompts", prompts, "--table", prompts}), "prompts.md");
    verifyFailure(compare(m_q4, {"--prompts", m_folder.write("blank.txt", " \n\n")}), "no prompt");
    verifyFailure({"compare", m_folder.model(), m_q4, "--text", m_folder.write("short", "a cat")},
                  "at least one chunk");
    verifyFailure(compare(m_folder.write("text.gguf", "no model at all")), "text.gguf");
}

void CliCompareTest::oneModel_isWrongUsage() {
    const CliResult result = runCli({"compare", m_folder.model()});
    QCOMPARE(result.status, 2);
    QVERIFY2(result.isOneLineError(), result.err.constData());
}

QTEST_GUILESS_MAIN(CliCompareTest)
#include "compare_test.moc"
