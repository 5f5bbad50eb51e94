using System.Numerics;
using Srcnn.Engine.Models;

namespace Srcnn.Engine.Training;

/// <summary>
/// SOAP (Vyas et al., arXiv:2409.11321) for one weight matrix: Adam in the eigenbases of the two covariances of its gradient, E[G Gᵀ] and
/// E[Gᵀ G]. The matrices of these networks are so small that their bases cost little, and the preconditioner fits them very well.
/// A side longer than <see cref="MaxSide"/> keeps its own basis.
/// </summary>
internal sealed class SoapMatrix
{
    /// <summary>A sweep of rotations costs the cube of the side.</summary>
    private const int MaxSide = 256;

    private const int FirstSweeps = 12;

    private readonly int rows, columns;
    private readonly Side left, right;
    private readonly float[] rotated, direction, scratch;

    /// <param name="rows">m.</param>
    /// <param name="columns">n.</param>
    public SoapMatrix(int rows, int columns)
    {
        (this.rows, this.columns) = (rows, columns);
        (left, right) = (new Side(rows), new Side(columns));
        (rotated, direction, scratch) = (new float[rows * columns], new float[rows * columns], new float[rows * columns]);
    }

    /// <summary>What a checkpoint must keep; filling the arrays restores it.</summary>
    public IEnumerable<NamedTensor> State(string name) =>
        new[] { ("left", left), ("right", right) }.Where(s => s.Item2.Rotates).SelectMany(s => new NamedTensor[]
        {
            new($"{s.Item1}Covariance/{name}", [s.Item2.Size, s.Item2.Size], s.Item2.Covariance),
            new($"{s.Item1}Basis/{name}", [s.Item2.Size, s.Item2.Size], s.Item2.Basis),
        });

    /// <summary>
    /// The direction of one step, [m, n]: the first moment in the eigenbasis, divided by the root of the second moment there, rotated back.
    /// The first step only starts the covariances.
    /// </summary>
    /// <param name="step">From 1.</param>
    /// <param name="gradient">[m, n].</param>
    /// <param name="moment1">First moment, in the weights' own basis, already updated.</param>
    /// <param name="moment2">Second moment in the eigenbasis; updated here.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment and of the covariances.</param>
    /// <param name="refresh">Bring the eigenbases up to date.</param>
    public ReadOnlySpan<float> Direction(int step, ReadOnlySpan<float> gradient, ReadOnlySpan<float> moment1, Span<float> moment2, float beta1, float beta2, bool refresh)
    {
        var decay = step == 1 ? 0 : beta2;
        left.Accumulate(gradient, rows, columns, decay, ofRows: true);
        right.Accumulate(gradient, rows, columns, decay, ofRows: false);
        if (step == 1 || refresh)
        {
            left.Refresh(step == 1 ? FirstSweeps : 1);
            right.Refresh(step == 1 ? FirstSweeps : 1);
        }
        if (step == 1) return direction; // zeros: in its own eigenbasis the first gradient is diagonal, and Adam would blow up the rounding errors beside it
        Rotate(gradient, rotated, back: false);
        Rotate(moment1, direction, back: false);
        float correction1 = (float)(1 / (1 - Math.Pow(beta1, step))), correction2 = (float)(1 / (1 - Math.Pow(beta2, step - 1)));
        for (var i = 0; i < rotated.Length; i++)
        {
            moment2[i] = (moment2[i] * beta2) + (rotated[i] * rotated[i] * (1 - beta2));
            rotated[i] = direction[i] * correction1 / (MathF.Sqrt(moment2[i] * correction2) + 1e-8f);
        }
        Rotate(rotated, direction, back: true);
        return direction;
    }

    /// <summary>Lᵀ X R into the eigenbases, L Y Rᵀ back.</summary>
    private void Rotate(ReadOnlySpan<float> source, Span<float> destination, bool back)
    {
        var half = scratch.AsSpan();
        if (left.Rotates)
        {
            half.Clear();
            for (var k = 0; k < rows; k++)
            for (var i = 0; i < rows; i++)
                MultiplyAdd(back ? left.Basis[(i * rows) + k] : left.Basis[(k * rows) + i], source.Slice(k * columns, columns), half.Slice(i * columns, columns));
        }
        else
        {
            source.CopyTo(half);
        }
        if (!right.Rotates)
        {
            half.CopyTo(destination);
            return;
        }
        destination.Clear();
        var basis = (back ? right.Transposed : right.Basis).AsSpan();
        for (var i = 0; i < rows; i++)
        for (var k = 0; k < columns; k++)
            MultiplyAdd(half[(i * columns) + k], basis.Slice(k * columns, columns), destination.Slice(i * columns, columns));
    }

    /// <summary>y += a·x.</summary>
    private static void MultiplyAdd(float a, ReadOnlySpan<float> x, Span<float> y)
    {
        var i = 0;
        var factor = new Vector<float>(a);
        for (; i <= x.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(y[i..]) + (factor * new Vector<float>(x[i..]))).CopyTo(y[i..]);
        for (; i < x.Length; i++) y[i] += a * x[i];
    }

    /// <summary>One covariance and its eigenvectors, the columns of <see cref="Basis"/>.</summary>
    private sealed class Side
    {
        public Side(int size)
        {
            Size = size;
            Rotates = size is > 1 and <= MaxSide;
            (Covariance, Basis, Transposed) = Rotates ? (new float[size * size], new float[size * size], new float[size * size]) : ([], [], []);
            for (var i = 0; i < size && Rotates; i++) Basis[(i * size) + i] = Transposed[(i * size) + i] = 1;
        }

        public int Size { get; }

        public bool Rotates { get; }

        public float[] Covariance { get; }

        public float[] Basis { get; }

        public float[] Transposed { get; }

        /// <summary>Covariance = decay·Covariance + (1−decay)·G Gᵀ (of rows) or Gᵀ G (of columns).</summary>
        public void Accumulate(ReadOnlySpan<float> g, int rows, int columns, float decay, bool ofRows)
        {
            if (!Rotates) return;
            foreach (ref var value in Covariance.AsSpan()) value *= decay;
            if (ofRows)
            {
                for (var i = 0; i < rows; i++)
                for (var j = 0; j <= i; j++)
                {
                    var dot = Dot(g.Slice(i * columns, columns), g.Slice(j * columns, columns));
                    Covariance[(i * rows) + j] += (1 - decay) * dot;
                    if (i != j) Covariance[(j * rows) + i] = Covariance[(i * rows) + j];
                }
                return;
            }
            for (var k = 0; k < rows; k++)
            {
                var row = g.Slice(k * columns, columns);
                for (var i = 0; i < columns; i++) MultiplyAdd((1 - decay) * row[i], row, Covariance.AsSpan(i * columns, columns));
            }
        }

        /// <summary>Follows the covariance with sweeps of Jacobi rotations that start from the basis so far.</summary>
        public void Refresh(int sweeps)
        {
            if (!Rotates) return;
            Eigenbasis.Refine(Covariance, Basis, Size, sweeps);
            for (var i = 0; i < Size; i++)
            for (var j = 0; j < Size; j++)
                Transposed[(j * Size) + i] = Basis[(i * Size) + j];
        }

        private static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
        {
            var sums = Vector<float>.Zero;
            var i = 0;
            for (; i <= x.Length - Vector<float>.Count; i += Vector<float>.Count) sums += new Vector<float>(x[i..]) * new Vector<float>(y[i..]);
            var sum = Vector.Sum(sums);
            for (; i < x.Length; i++) sum += x[i] * y[i];
            return sum;
        }
    }

    /// <summary>After a checkpoint's arrays were filled in.</summary>
    public void Restored()
    {
        foreach (var side in new[] { left, right }) side.Refresh(sweeps: 0);
    }
}
