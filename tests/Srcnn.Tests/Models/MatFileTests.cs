using System.Diagnostics;
using System.Text;
using Srcnn.Engine.Models;

namespace Srcnn.Tests.Models;

public sealed class MatFileTests
{
    private static readonly MatBytes Little = new();

    private static MatFile Read(byte[] bytes) => MatFile.Read(bytes, "x.mat");

    private static void AssertRefused(byte[] bytes, string message)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => Read(bytes), Throws.InstanceOf<ModelException>().With.Message.StartsWith("x.mat: ").And.Message.Contains(message));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan((64L * bytes.Length) + (8 << 20)));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void NumbersOfBothByteOrdersAreRead(bool bigEndian)
    {
        var mat = new MatBytes(bigEndian);
        var file = Read(mat.File(
            mat.Doubles("w", [2, 3], 1, 2, 3, 4, 5, -6.5),
            mat.Matrix(7, "single", [1, 2], mat.Element(7, [.. mat.Order(BitConverter.GetBytes(0.5f)), .. mat.Order(BitConverter.GetBytes(-2f))])),
            mat.Matrix(6, "packed", [2, 1], mat.Small(4, [.. mat.Order(BitConverter.GetBytes((ushort)65535)), .. mat.Order(BitConverter.GetBytes((ushort)258))])),
            mat.Matrix(14, "long", [1, 1], mat.Element(12, mat.Order(BitConverter.GetBytes(-3L))))));
        Assert.That(file.Numeric("w")!.Dims, Is.EqualTo(new[] { 2, 3 }));
        Assert.That(file.Numeric("w")!.Values, Is.EqualTo(new[] { 1, 2, 3, 4, 5, -6.5 }));
        Assert.That(file.Numeric("single")!.Values, Is.EqualTo(new[] { 0.5, -2 }));
        Assert.That(file.Numeric("packed")!.Values, Is.EqualTo(new[] { 65535.0, 258 }));
        Assert.That(file.Numeric("long")!.Values, Is.EqualTo(new[] { -3.0 }));
        Assert.That(file.Numeric("absent"), Is.Null);
    }

    [TestCase(1, 254, -2)]
    [TestCase(2, 254, 254)]
    public void BytesAreSignedOrNotByTheirStorage(int type, byte stored, double expected) =>
        Assert.That(Read(Little.File(Little.Matrix(6, "b", [1, 1], Little.Small(type, [stored])))).Numeric("b")!.Values, Is.EqualTo(new[] { expected }));

    [Test]
    public void CompressedVariablesCellsAndStructuresAreRead()
    {
        var cell = Little.Matrix(1, "", [1, 3], Little.Doubles("", [1, 1], 7), Little.Element(14, []), Little.Doubles("", [1, 2], 8, 9));
        var model = Little.Matrix(2, "model", [1, 1], Little.Small(5, Little.Ints(8)), Little.Element(1, Encoding.ASCII.GetBytes("weight\0\0bias\0\0\0\0")), cell, Little.Doubles("", [1, 1], 5));
        var file = Read(Little.File(MatBytes.Compressed(model), MatBytes.Compressed(Little.Doubles("s", [1, 1], 3))));
        var read = (MatStruct)file.Variables["model"];
        Assert.That(((MatCell)read.Field("weight")!).Cells.Select(c => ((MatNumeric)c).Values.Length), Is.EqualTo(new[] { 1, 0, 2 }));
        Assert.That(((MatNumeric)read.Field("bias")!).Values, Is.EqualTo(new[] { 5.0 }));
        Assert.That(read.Field("slope"), Is.Null);
        Assert.That(file.Numeric("s")!.Values, Is.EqualTo(new[] { 3.0 }));
    }

    [Test]
    public void TextIsNamedButNotRead() =>
        Assert.That(Read(Little.File(Little.Matrix(4, "note", [1, 2], Little.Small(16, "ab"u8.ToArray())))).Variables["note"], Is.InstanceOf<MatOther>().With.Property("Class").EqualTo("char"));

    private static readonly object[] Lies =
    [
        Lie("AnEmptyFile", [], "it has 0 bytes"),
        Lie("AHalfHeader", Little.File()[..100], "it has 100 bytes"),
        Lie("AnotherKindOfFile", Encoding.ASCII.GetBytes(new string('x', 200)), "not a MATLAB file"),
        Lie("Version4", [0, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, .. new byte[200]], "version 4"),
        Lie("Version73", [.. Encoding.ASCII.GetBytes("MATLAB 7.3 MAT-file, Platform".PadRight(124)), 0, 2, (byte)'I', (byte)'M', .. new byte[600]], "7.3 (HDF5)"),
        Lie("Hdf5", [0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10, .. new byte[600]], "7.3 (HDF5)"),
        Lie("AnUnknownVersion", With(Little.File(), 125, 3), "version 0x0300"),
        Lie("AHalfElementHeader", Little.File([1, 2, 3]), "cut short"),
        Lie("AnElementBeyondTheEnd", Little.File(Little.Doubles("w", [1, 2], 1, 2)[..^8]), "announces 72 bytes, 64 follow"),
        Lie("AnElementOfFourGigabytes", Little.File([14, 0, 0, 0, 255, 255, 255, 255]), "announces 4294967295 bytes"),
        Lie("APackedElementOfFiveBytes", Little.File([14, 0, 5, 0, 0, 0, 0, 0]), "packed element announces 5"),
        Lie("ANumberInThePlaceOfAVariable", Little.File(Little.Element(9, new byte[8])), "type 9 stands"),
        Lie("NoFlags", Little.File(Little.Element(14, Little.Element(5, Little.Ints(1, 1)))), "no flags"),
        Lie("NoDimensions", Little.File(Little.Element(14, [.. Little.Element(6, Little.Ints(6, 0)), .. Little.Element(1, [])])), "no dimensions"),
        Lie("ANegativeDimension", Little.File(Little.Doubles("w", [1, -1], 1)), "a dimension of 4294967295"),
        Lie("MoreNumbersThanBytes", Little.File(Little.Doubles("w", [2, 2], 1, 2, 3)), "more than the file holds"),
        Lie("FewerNumbersThanBytes", Little.File(Little.Doubles("w", [1, 2], 1, 2, 3)), "do not match"),
        Lie("DimensionsThatOverflow", Little.File(Little.Doubles("w", [int.MaxValue, int.MaxValue, int.MaxValue], 1)), "more than the file holds"),
        Lie("MoreCellsThanBytes", Little.File(Little.Matrix(1, "c", [int.MaxValue, 1])), "more than the file holds"),
        Lie("FewerCellsThanDimensions", Little.File(Little.Matrix(1, "c", [1, 3], Little.Doubles("", [1, 1], 1))), "cut short"),
        Lie("AnUnknownStorageType", Little.File(Little.Matrix(6, "w", [1, 1], Little.Element(99, new byte[8]))), "stored as type 99"),
        Lie("AnUnknownClass", Little.File(Little.Matrix(99, "w", [1, 1])), "unknown class 99"),
        Lie("AStructureWithoutNames", Little.File(Little.Matrix(2, "s", [1, 1], Little.Doubles("", [1, 1], 1))), "no field names"),
        Lie("FieldNamesOfLengthZero", Little.File(Little.Matrix(2, "s", [1, 1], Little.Small(5, Little.Ints(0)), Little.Element(1, [1, 2]))), "no common length"),
        Lie("AVariableTwice", Little.File(Little.Doubles("w", [1, 1], 1), Little.Doubles("w", [1, 1], 1)), "'w' occurs twice"),
        Lie("GarbageCompressed", Little.File(Little.Element(15, new byte[32])), "does not unpack"),
        Lie("CompressedDataCutShort", Little.File(Little.Element(15, MatBytes.Compressed(Little.Doubles("w", [1, 4], 1, 2, 3, 4))[8..^30])), "compressed element"),
        Lie("ACompressedLieAboutLength", Little.File(MatBytes.Compressed([14, 0, 0, 0, 255, 255, 255, 127, .. new byte[64]])), "implausibly many"),
        Lie("MoreCompressedThanAnnounced", Little.File(MatBytes.Compressed([14, 0, 0, 0, 8, 0, 0, 0, .. new byte[1 << 20]])), "more than the 8 bytes"),
        Lie("AZipBomb", Little.File(MatBytes.Compressed(Little.Matrix(6, "w", [1, 64 << 20], Little.Element(2, new byte[64 << 20])))), "implausibly many"),
        Lie("EndlessNesting", Little.File(Nest(200)), "nested deeper"),
    ];

    private static TestCaseData Lie(string name, byte[] bytes, string message) => new TestCaseData(bytes, message).SetName($"{name}IsRefused");

    private static byte[] With(byte[] bytes, int position, byte value)
    {
        bytes[position] = value;
        return bytes;
    }

    private static byte[] Nest(int depth) => depth == 0 ? Little.Doubles("", [1, 1], 1) : Little.Matrix(1, "", [1, 1], Nest(depth - 1));

    [TestCaseSource(nameof(Lies))]
    public void ALieIsRefused(byte[] bytes, string message) => AssertRefused(bytes, message);

    [Test]
    public void MutantsAndPiecesOfAGoodFileAreReadOrRefusedButNeverCrash()
    {
        var model = Little.Matrix(2, "model", [1, 1], Little.Small(5, Little.Ints(8)), Little.Element(1, Encoding.ASCII.GetBytes("weight\0\0bias\0\0\0\0")),
            Little.Matrix(1, "", [1, 2], Little.Doubles("", [1, 1], 7), Little.Doubles("", [1, 2], 8, 9)), Little.Doubles("", [1, 1], 5));
        var good = Little.File(model, MatBytes.Compressed(model.Select(b => b == (byte)'m' ? (byte)'n' : b).ToArray()));
        Assert.That(Read(good).Variables, Has.Count.EqualTo(2));
        var random = new Random(1);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 3000; i++)
        {
            var mutant = (byte[])good.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--) mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
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

    [TestCase("srcnn-9-1-5-91/x3.mat", "biases_conv1,biases_conv2,biases_conv3,weights_conv1,weights_conv2,weights_conv3")]
    [TestCase("fsrcnn/FSRCNN_x3.mat", "biases_conv,prelu_conv,weights_conv")]
    [TestCase("vdsr/VDSR_Official.mat", "model")]
    public void TheAuthorsFilesAreRead(string file, string variables) =>
        Assert.That(MatFile.Load(Require.Data("author-models", file)).Variables.Keys.Order(), Is.EqualTo(variables.Split(',')));

    [Test]
    public void TheAuthorsVdsrHasTwentyLayersOfThreeByThree()
    {
        var model = (MatStruct)MatFile.Load(Require.Data("author-models", "vdsr/VDSR_Official.mat")).Variables["model"];
        var cells = ((MatCell)model.Field("weight")!).Cells.Cast<MatNumeric>().ToArray();
        Assert.That(cells, Has.Length.EqualTo(20));
        Assert.That(cells[1].Dims, Is.EqualTo(new[] { 3, 3, 64, 64 }));
        Assert.That(cells.Sum(c => c.Values.Length) + ((MatCell)model.Field("bias")!).Cells.Cast<MatNumeric>().Sum(c => c.Values.Length), Is.EqualTo(665_921));
    }
}
