// Whole files of the storage tests: what a disk has made of them is written byte by byte.
#pragma once

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTest>
#include <filesystem>

inline QByteArray contentOf(const std::filesystem::path& path) {
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline void writeFile(const std::filesystem::path& path, const QByteArray& bytes) {
    QFile file(QString::fromStdString(path.string()));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

// For a QTemporaryDir of tests that make hundreds of libraries: in memory where the system has such
// a place, because real file systems take their time to write and to remove synced files.
inline QString folderInMemory() {
    const QString inMemory = QStringLiteral("/dev/shm");
    const bool isThere = QFileInfo(inMemory).isWritable();
    return (isThere ? inMemory : QDir::tempPath()) + "/sotto-storage-test-XXXXXX";
}
