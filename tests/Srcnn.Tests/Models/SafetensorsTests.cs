using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Srcnn.Engine.Models;

namespace Srcnn.Tests.Models;

public sealed class SafetensorsTests
{
    private static SafetensorsFile Sample() => new(
        [
            new NamedTensor("conv1.weight", [2, 1, 3, 3], [.. Enumerable.Range(0, 18).Select(i => (i / 7f) - 1)]),
            new NamedTensor("conv1.bias", [2], [0.5f, -0f]),
            new NamedTensor("step", [], [3]),
            new NamedTensor("nothing", [0, 4], []),
        ],
        new Dictionary<string, string> { ["scale"] = "3", ["format"] = "srcnn/1", ["note"] = "größe \"quoted\"\n\u0001" });

    private static byte[] Bytes(SafetensorsFile file)
    {
        using var stream = new MemoryStream();
        file.Write(stream);
        return stream.ToArray();
    }

    private static byte[] Raw(string header, int dataBytes) => Raw(Encoding.UTF8.GetBytes(header), new byte[dataBytes]);

    private static byte[] Raw(byte[] header, byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. data];
    }

    private static SafetensorsFile Read(byte[] bytes) => SafetensorsFile.Read(new MemoryStream(bytes), "x.safetensors");

    private static void AssertRefused(byte[] bytes, string message)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ModelException>(() => Read(bytes))!;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(error.Message, Does.Contain(message).And.StartsWith("x.safetensors: "));
        Assert.That(error.Message.Split("; "), Has.Length.GreaterThanOrEqualTo(3));
        Assert.That(error.Message.Any(char.IsControl), Is.False);
        Assert.That(allocated, Is.LessThan((2 * bytes.Length) + (256 * 1024)));
    }

    [Test]
    public void WhatIsWrittenIsReadBackInTheSameOrder()
    {
        var expected = Sample();
        var actual = Read(Bytes(expected));
        Assert.That(actual.Tensors.Select(t => t.Name), Is.EqualTo(new[] { "conv1.weight", "conv1.bias", "step", "nothing" }).AsCollection);
        foreach (var tensor in expected.Tensors)
        {
            Assert.That(actual.Find(tensor.Name)!.Shape, Is.EqualTo(tensor.Shape));
            Assert.That(actual.Find(tensor.Name)!.Values.Select(BitConverter.SingleToInt32Bits), Is.EqualTo(tensor.Values.Select(BitConverter.SingleToInt32Bits)));
        }
        Assert.That(actual.Metadata, Is.EquivalentTo(expected.Metadata));
        Assert.That(actual.Find("conv9.weight"), Is.Null);
    }

    [Test]
    public void TheBytesAreThoseOfTheFormat()
    {
        var bytes = Bytes(new SafetensorsFile([new NamedTensor("b", [1], [1.5f])], new Dictionary<string, string> { ["z"] = "1", ["a"] = "2" }));
        const string Header = """{"__metadata__":{"a":"2","z":"1"},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""";
        var padded = Header.PadRight((Header.Length + 7) / 8 * 8);
        Assert.That(bytes, Is.EqualTo(Raw(Encoding.UTF8.GetBytes(padded), [0, 0, 0xc0, 0x3f])));
    }

    [Test]
    public void SavingTwiceGivesTheSameBytesAndLoadsFromAPath()
    {
        var path = Path.GetTempFileName();
        try
        {
            Sample().Save(path);
            Assert.That(File.ReadAllBytes(path), Is.EqualTo(Bytes(SafetensorsFile.Load(path))));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestCase("F64", 8, new byte[] { 0, 0, 0, 0, 0, 0, 0xf8, 0xbf })]
    [TestCase("F16", 2, new byte[] { 0x00, 0xbe })]
    [TestCase("BF16", 2, new byte[] { 0xc0, 0xbf })]
    public void OtherFloatsBecomeFloat(string type, int size, byte[] data)
    {
        var header = Encoding.UTF8.GetBytes($$$"""{"w":{"dtype":"{{{type}}}","shape":[1],"data_offsets":[0,{{{size}}}]}}""");
        Assert.That(Read(Raw(header, data)).Find("w")!.Values, Is.EqualTo(new[] { -1.5f }));
    }

    [Test]
    public void AWholeFileTakesLessThanTwiceItsSize()
    {
        var bytes = Bytes(new SafetensorsFile([new NamedTensor("w", [1_000_000], new float[1_000_000])]));
        Read(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Read(bytes);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2L * bytes.Length));
    }

    [TestCase(0UL)]
    [TestCase(7UL)]
    public void AFileTooShortForItsLengthIsRefused(ulong size) => AssertRefused(new byte[size], $"{size} bytes");

    [TestCase(ulong.MaxValue, "18446744073709551615 bytes is announced")]
    [TestCase(1UL << 63, "at most 100000000")]
    [TestCase(100_000_001UL, "at most 100000000")]
    [TestCase(100_000_000UL, "16 follow")]
    [TestCase(17UL, "within the file")]
    public void AHeaderLongerThanAllowedOrThanTheFileIsRefused(ulong length, string message)
    {
        var bytes = Raw("{}              ", 0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        AssertRefused(bytes, message);
    }

    private const string Good = "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    private static readonly object[] Lies =
    [
        Lie("AnEmptyHeader", "", 0, "begin with '{'"),
        Lie("AHeaderThatIsAList", "[]", 0, "begin with '{'"),
        Lie("ALeadingSpace", " {}", 0, "begin with '{'"),
        Lie("AnUnclosedHeader", "{" + Good, 8, "not valid JSON"),
        Lie("TextAfterTheHeader", "{" + Good + "} x", 8, "not valid JSON"),
        Lie("AComment", "{/* */" + Good + "}", 8, "not valid JSON"),
        Lie("DeepNesting", "{\"w\":" + new string('[', 100_000), 0, "incomplete"),
        Lie("DeepNestingInAShape", "{\"w\":{\"shape\":" + new string('[', 100_000), 0, "bad numbers"),
        Lie("HalfASurrogatePair", """{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "not valid JSON"),
        Lie("ATensorNameTwice", "{" + Good + "," + Good + "}", 8, "'w' occurs twice in the header"),
        Lie("AnEscapedNameTwice", "{" + Good + "," + Good.Replace("\"w\"", "\"\\u0077\"") + "}", 8, "'w' occurs twice in the header"),
        Lie("MetadataTwice", "{\"__metadata__\":{},\"__metadata__\":{}," + Good + "}", 8, "'__metadata__' occurs twice"),
        Lie("AMetadataKeyTwice", "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}," + Good + "}", 8, "'a' occurs twice in __metadata__"),
        Lie("ANumberInMetadata", "{\"__metadata__\":{\"a\":1}," + Good + "}", 8, "something else than strings"),
        Lie("MetadataThatIsNull", "{\"__metadata__\":null," + Good + "}", 8, "something else than strings"),
        Lie("AKeyTwiceInATensor", """{"w":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "'dtype' occurs twice in tensor 'w'"),
        Lie("AnUnknownKeyInATensor", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"strides":[1]}}""", 8, "bad 'strides'"),
        Lie("ATensorThatIsANumber", """{"w":1}""", 0, "incomplete"),
        Lie("NoType", """{"w":{"shape":[2],"data_offsets":[0,8]}}""", 8, "incomplete"),
        Lie("NoShape", """{"w":{"dtype":"F32","data_offsets":[0,8]}}""", 8, "incomplete"),
        Lie("NoOffsets", """{"w":{"dtype":"F32","shape":[2]}}""", 8, "incomplete"),
        Lie("OneOffset", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[8]}}""", 8, "incomplete"),
        Lie("ThreeOffsets", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}""", 8, "bad numbers"),
        Lie("AnIntegerType", """{"w":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}""", 8, "type 'I32'"),
        Lie("ATypeThatIsANumber", """{"w":{"dtype":32,"shape":[2],"data_offsets":[0,8]}}""", 8, "bad 'dtype'"),
        Lie("ANegativeSize", """{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "bad numbers"),
        Lie("AFractionalSize", """{"w":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "bad numbers"),
        Lie("ASizeBeyond64Bits", """{"w":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,8]}}""", 8, "bad numbers"),
        Lie("NineSizes", """{"w":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}""", 8, "bad numbers"),
        Lie("AShapeThatOverflows", """{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "overflows"),
        Lie("AShapeThatOverflows64Bits", """{"w":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}}""", 8, "overflows"),
        Lie("BytesThatOverflow32Bits", """{"w":{"dtype":"F32","shape":[1073741826],"data_offsets":[0,8]}}""", 8, "ask for 4294967304"),
        Lie("OffsetsTooFarApart", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}""", 12, "spans 12 bytes; its shape and type ask for 8"),
        Lie("AnEndBeforeTheBeginning", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "before it begins"),
        Lie("DataCutShort", "{" + Good + "}", 7, "cut short"),
        Lie("OffsetsFarBeyondTheEnd", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775799,9223372036854775807]}}""", 8, "cut short"),
        Lie("TrailingBytes", "{" + Good + "}", 9, "1 bytes follow the last tensor"),
        Lie("DataWithoutTensors", "{}", 1, "1 bytes follow"),
        Lie("AHoleBetweenTensors", "{" + Good + ""","v":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""", 16, "a hole of 4 bytes lies before tensor 'v'"),
        Lie("AHoleBeforeTheFirstTensor", """{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "a hole of 4 bytes"),
        Lie("OverlappingTensors", "{" + Good + ""","v":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "'w' and 'v' overlap"),
        Lie("TwoTensorsInOnePlace", "{" + Good + ""","v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "overlap"),
        Lie("ANameThatBreaksTheLine", """{"a\n\u001b[31m":{"dtype":"I8","shape":[2],"data_offsets":[0,8]}}""", 8, "'a??[31m'"),
    ];

    private static TestCaseData Lie(string name, string header, int dataBytes, string message) =>
        new TestCaseData(header, dataBytes, message).SetName($"{name}IsRefused");

    [TestCaseSource(nameof(Lies))]
    public void ALieIsRefused(string header, int dataBytes, string message) => AssertRefused(Raw(header, dataBytes), message);

    [Test]
    public void InvalidUtf8IsRefused() => AssertRefused(Raw([.. "{\"\u00e9"u8[..^1], .. Encoding.UTF8.GetBytes(Good[1..] + "}")], new byte[8]), "not valid UTF-8");

    [Test]
    public void MoreTensorsThanAnyModelHasAreRefused()
    {
        var empty = Enumerable.Range(0, 60_000).Select(i => $"\"{i}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}");
        AssertRefused(Raw($"{{{string.Join(',', empty)}}}", 0), "more than 4096 tensors");
    }

    [Test]
    public void MetadataAsLongAsAFileIsRefused() =>
        AssertRefused(Raw($$$"""{"__metadata__":{"a":"{{{new string('x', 4 << 20)}}}"}}""", 0), "__metadata__ is longer");

    [TestCase(float.NaN)]
    [TestCase(float.NegativeInfinity)]
    public void WeightsThatAreNotFiniteAreRefusedBothWays(float value)
    {
        var file = new SafetensorsFile([new NamedTensor("w", [2], [1, value])]);
        AssertRefused(Bytes(file), "value 1 of tensor 'w' is ");
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString());
        Assert.That(() => file.Save(path), Throws.InstanceOf<ModelException>());
        Assert.That(path, Does.Not.Exist);
    }

    [Test]
    public void AMissingFileAndAFolderAreRefused()
    {
        Assert.That(() => SafetensorsFile.Load(Path.Combine(Path.GetTempPath(), "not-here.safetensors")), Throws.InstanceOf<ModelException>().With.Message.Contains("no such file"));
        Assert.That(() => SafetensorsFile.Load(Path.GetTempPath()), Throws.InstanceOf<ModelException>());
    }

    [Test]
    public void ShapesThatDisagreeWithTheirValuesAndNamesThatRepeatAreMistakesOfTheCaller()
    {
        Assert.That(() => new SafetensorsFile([new NamedTensor("w", [2, 2], new float[3])]), Throws.ArgumentException);
        Assert.That(() => new SafetensorsFile([new NamedTensor("w", [1], [0]), new NamedTensor("w", [1], [0])]), Throws.ArgumentException);
        Assert.That(() => new SafetensorsFile([new NamedTensor("__metadata__", [1], [0])]), Throws.ArgumentException);
    }

    [Test]
    public void MutantsOfAGoodFileAreReadOrRefusedButNeverCrash()
    {
        var good = Bytes(Sample());
        var random = new Random(1);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 2000; i++)
        {
            var mutant = (byte[])good.Clone();
            for (var flips = random.Next(1, 5); flips > 0; flips--) mutant[random.Next(i % 2 == 0 ? 300 : mutant.Length)] = (byte)random.Next(256);
            if (i % 5 == 0) mutant = mutant[..random.Next(mutant.Length)];
            try
            {
                Read(mutant);
            }
            catch (ModelException)
            {
            }
        }
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
    }
}
