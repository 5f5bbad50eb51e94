using System.Buffers;
using Srcnn.Engine.Models;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Engine.Data;

/// <summary>
/// The endless sequence of training patches. Sample n is a pure function of the seed and n, so any worker can cut any sample, and a
/// resumed run needs only the number of its next one. An epoch is one pass over the shuffled index of grid patches.
/// </summary>
public sealed class PatchSampler
{
    private readonly IReadOnlyList<TrainingPicture> pictures, stress;
    private readonly TrainingConfig config;
    private readonly int targetSide, channels;
    private readonly float center;
    private readonly (int Picture, int Y, int X)[] grid;
    private readonly long[] positionsUpTo, stressPositionsUpTo;
    private readonly SeededRandom root;
    private readonly Lock shuffling = new();
    private volatile Order order = new(-1, []);

    /// <param name="pictures">All at least a patch large.</param>
    /// <param name="config">Patch, stride, crops, augmentation, center, seed.</param>
    /// <param name="targetSide">Side of the network's output for a patch; the target is the middle of the patch.</param>
    /// <param name="stress">What the share <see cref="TrainingConfig.Stress"/> of the samples is cut from; all at least a patch large.</param>
    public PatchSampler(IReadOnlyList<TrainingPicture> pictures, TrainingConfig config, int targetSide, IReadOnlyList<TrainingPicture>? stress = null)
    {
        (this.pictures, this.config, this.targetSide, center) = (pictures, config, targetSide, (float)config.Center);
        this.stress = config.Stress > 0 ? stress ?? [] : [];
        channels = pictures[0].Channels;
        grid = [.. Grid(pictures, config)];
        root = new SeededRandom(config.Seed).Fork(1);
        (positionsUpTo, stressPositionsUpTo) = (Positions(pictures, config.Patch), Positions(this.stress, config.Patch));
    }

    /// <summary>Patches of one epoch.</summary>
    public int EpochLength => grid.Length;

    /// <summary>Cuts sample <paramref name="n"/>: [Patch, Patch, C] of the input and [targetSide, targetSide, C] from the middle of the target.</summary>
    public void Cut(long n, Span<float> input, Span<float> target)
    {
        if (config.Overfit > 0) n %= config.Overfit;
        var random = root.Fork((ulong)n);
        var isStress = stress.Count > 0 && random.NextDouble() < config.Stress;
        var (index, y, x) = isStress ? Anywhere(random, stress, stressPositionsUpTo) : config.Crops == Crops.Grid ? grid[Shuffled(n)] : Anywhere(random, pictures, positionsUpTo);
        var turn = config.Augment ? random.NextInt(8) : 0;
        var picture = isStress ? stress[index] : pictures[index];
        var (from, to) = picture.Pixels();
        Copy(from, picture.InputWidth, y, x, config.Patch, turn, input);
        // The patch is square and the target its middle, so both turn alike.
        var (scale, margin) = (picture.InputScale, ((config.Patch * picture.InputScale) - targetSide) / 2);
        Copy(to, picture.Width, (y * scale) + margin, (x * scale) + margin, targetSide, turn, target);
    }

    /// <summary>Samples [first, first + count) as files hold them: "batch/input" and "batch/target", both [count, side, side, C].</summary>
    public IReadOnlyList<NamedTensor> Batch(long first, int count)
    {
        int inputLength = config.Patch * config.Patch * channels, targetLength = targetSide * targetSide * channels;
        float[] inputs = new float[count * inputLength], targets = new float[count * targetLength];
        for (var i = 0; i < count; i++) Cut(first + i, inputs.AsSpan(i * inputLength, inputLength), targets.AsSpan(i * targetLength, targetLength));
        return
        [
            new NamedTensor("batch/input", [count, config.Patch, config.Patch, channels], inputs),
            new NamedTensor("batch/target", [count, targetSide, targetSide, channels], targets),
        ];
    }

    /// <summary>How many places a patch has in the pictures up to and with each.</summary>
    private static long[] Positions(IReadOnlyList<TrainingPicture> pictures, int patch)
    {
        var upTo = new long[pictures.Count];
        var sum = 0L;
        for (var i = 0; i < pictures.Count; i++) upTo[i] = sum += (pictures[i].InputWidth - patch + 1L) * (pictures[i].InputHeight - patch + 1L);
        return upTo;
    }

    /// <summary>Every position of every picture is equally likely.</summary>
    private (int Picture, int Y, int X) Anywhere(SeededRandom random, IReadOnlyList<TrainingPicture> pictures, long[] positionsUpTo)
    {
        var position = (long)(random.NextDouble() * positionsUpTo[^1]);
        var index = Array.BinarySearch(positionsUpTo, position + 1);
        if (index < 0) index = ~index;
        var within = position - (index == 0 ? 0 : positionsUpTo[index - 1]);
        var across = pictures[index].InputWidth - config.Patch + 1;
        return (index, (int)(within / across), (int)(within % across));
    }

    private int Shuffled(long n)
    {
        var (epoch, place) = Math.DivRem(n, grid.Length);
        var current = order;
        if (current.Epoch == epoch) return current.Indices[place];
        lock (shuffling)
        {
            current = order;
            if (current.Epoch != epoch)
            {
                var indices = Enumerable.Range(0, grid.Length).ToArray();
                new SeededRandom(config.Seed).Fork(2).Fork((ulong)epoch).Shuffle<int>(indices);
                order = current = new Order(epoch, indices);
            }
        }
        return current.Indices[place];
    }

    /// <summary>Copies a square window, centred, flipped upside down (1), left to right (2) and transposed (4).</summary>
    private void Copy(float[] picture, int width, int y, int x, int side, int turn, Span<float> patch)
    {
        // Whole rows first: their cache misses overlap, those of one pixel after the other hardly do.
        int row = side * channels, column = channels, start = 0;
        var window = ArrayPool<float>.Shared.Rent(side * row);
        for (var i = 0; i < side; i++) picture.AsSpan((((y + i) * width) + x) * channels, row).CopyTo(window.AsSpan(i * row));
        if ((turn & 1) != 0) (start, row) = (start + ((side - 1) * row), -row);
        if ((turn & 2) != 0) (start, column) = (start + ((side - 1) * column), -column);
        if ((turn & 4) != 0) (row, column) = (column, row);
        var to = 0;
        for (var i = 0; i < side; i++, start += row)
        for (int j = 0, from = start; j < side; j++, from += column)
        for (var c = 0; c < channels; c++)
            patch[to++] = window[from + c] - center;
        ArrayPool<float>.Shared.Return(window);
    }

    private static IEnumerable<(int Picture, int Y, int X)> Grid(IReadOnlyList<TrainingPicture> pictures, TrainingConfig config)
    {
        for (var i = 0; i < pictures.Count; i++)
        for (var y = 0; y + config.Patch <= pictures[i].InputHeight; y += config.Stride)
        for (var x = 0; x + config.Patch <= pictures[i].InputWidth; x += config.Stride)
            yield return (i, y, x);
    }

    private sealed record Order(long Epoch, int[] Indices);
}
