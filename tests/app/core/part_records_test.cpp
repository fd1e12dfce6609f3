// Downloads that are remembered beside their files.
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>
#include <functional>

#include "app/core/hub/part_records.h"

using namespace sotto;
using namespace sotto::app;

class PartRecordsTest : public QObject {
    Q_OBJECT
private slots:
    void records_comeBack();
    void records_goWithTheWholeFile();
    void others_areNotOurs();
    void filesThatAreThere_areToBeChecked();
    void damagedRecords_areNone_data();
    void damagedRecords_areNone();

private:
    QTemporaryDir m_folder;
    std::filesystem::path target(const char* name) const {
        return m_folder.filePath(QString::fromUtf8(name)).toStdString();
    }
    std::vector<PartTarget> wanted(const char* name) const {
        return {
            {target(name), "https://hub", "acme/tiny", "c0ffee",
             net::HubFile{.path = name, .nBytes = 5'000'000'000, .sha256 = std::string(64, 'a')}}};
    }
    net::DownloadRecord record(const char* name) const {
        net::DownloadRecord record;
        record.id = 7;
        record.endpoint = "https://hub";
        record.repository = "acme/tiny";
        record.revision = "main";
        record.path = name;
        record.target = target(name);
        record.commit = "c0ffee";
        record.sha256 = std::string(64, 'a');
        record.nBytes = 5'000'000'000;
        record.nKeptBytes = 4'500'000'000;
        record.etag = "\"etag\"";
        record.state = net::DownloadState::Paused;
        return record;
    }
};

void PartRecordsTest::records_comeBack() {
    std::vector<PartTarget> targets = wanted("b.gguf");
    targets.push_back(wanted("new/a.gguf").front());
    QVERIFY(PartRecords(targets).save(record("new/a.gguf")));
    const auto records = PartRecords(targets).load();
    QVERIFY(records);
    QCOMPARE(records->size(), std::size_t{1});
    const net::DownloadRecord& back = records->front();
    const net::DownloadRecord sent = record("new/a.gguf");
    QCOMPARE(back.endpoint, sent.endpoint);
    QCOMPARE(back.repository, sent.repository);
    QCOMPARE(back.revision, std::string("c0ffee"));  // as it is wanted now
    QCOMPARE(back.path, sent.path);
    QCOMPARE(back.target, sent.target);
    QCOMPARE(back.commit, sent.commit);
    QCOMPARE(back.sha256, sent.sha256);
    QCOMPARE(back.nBytes, sent.nBytes);
    QCOMPARE(back.nKeptBytes, sent.nKeptBytes);
    QCOMPARE(back.etag, sent.etag);
    QVERIFY(back.state == sent.state);
}

void PartRecordsTest::records_goWithTheWholeFile() {
    const std::vector<PartTarget> targets = wanted("whole.gguf");
    QVERIFY(PartRecords(targets).save(record("whole.gguf")));
    PartRecords records(targets);
    net::DownloadRecord whole = records.load()->at(0);
    whole.state = net::DownloadState::Verified;
    QVERIFY(records.save(whole));
    QVERIFY(!std::filesystem::exists(target("whole.gguf.part.json")));
    QVERIFY(records.load()->empty());
    QVERIFY(records.save(record("whole.gguf")));
    QVERIFY(records.remove(7));
    QVERIFY(records.remove(7));
    QVERIFY(!std::filesystem::exists(target("whole.gguf.part.json")));
}

void PartRecordsTest::others_areNotOurs() {
    QVERIFY(PartRecords(wanted("other.gguf")).save(record("other.gguf")));
    QVERIFY(PartRecords(wanted("mine.gguf")).load()->empty());
    // The same name, another file.
    for (const auto& change : std::vector<std::function<void(PartTarget&)>>{
             [](PartTarget& part) { part.endpoint = "https://mirror"; },
             [](PartTarget& part) { part.repository = "else/where"; },
             [](PartTarget& part) { part.file.sha256 = std::string(64, 'b'); },
             [](PartTarget& part) { part.file.nBytes = 7; }}) {
        std::vector<PartTarget> targets = wanted("other.gguf");
        change(targets.front());
        QVERIFY(PartRecords(targets).load()->empty());
    }
    QCOMPARE(PartRecords(wanted("other.gguf")).load()->size(), std::size_t{1});
}

void PartRecordsTest::filesThatAreThere_areToBeChecked() {
    std::ofstream(target("there.gguf"), std::ios::binary) << "text";
    const auto records = PartRecords(wanted("there.gguf")).load();
    QVERIFY(records);
    QCOMPARE(records->size(), std::size_t{1});
    QCOMPARE(records->front().sha256, std::string(64, 'a'));
    QCOMPARE(records->front().nKeptBytes, std::uint64_t{0});
    QVERIFY(records->front().state == net::DownloadState::Waiting);
}

void PartRecordsTest::damagedRecords_areNone_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("cut") << QByteArray("{\"path\": \"a.g");
    QTest::newRow("a number") << QByteArray("7");
    QTest::newRow("no path") << QByteArray("{\"bytes\": 7}");
    QTest::newRow("of other kinds") << QByteArray("{\"path\": 7, \"bytes\": \"many\"}");
}

void PartRecordsTest::damagedRecords_areNone() {
    QFETCH(QByteArray, text);
    std::ofstream(target("bad.gguf.part.json"), std::ios::binary)
        .write(text.constData(), text.size());
    const auto records = PartRecords(wanted("bad.gguf")).load();
    QVERIFY(records);
    QVERIFY(records->empty());
    // A claim of more than the whole is none.
    std::ofstream(target("bad.gguf.part.json"), std::ios::binary)
        << R"({"endpoint": "https://hub", "repository": "acme/tiny", "path": "bad.gguf", "sha256": ")" +
               std::string(64, 'a') +
               R"(", "bytes": 5000000000, "kept_bytes": 5000000001, "state": "no such"})";
    const net::DownloadRecord back = PartRecords(wanted("bad.gguf")).load()->at(0);
    QCOMPARE(back.nKeptBytes, std::uint64_t{5'000'000'000});
    QVERIFY(back.state == net::DownloadState::Interrupted);
}

QTEST_GUILESS_MAIN(PartRecordsTest)
#include "part_records_test.moc"
